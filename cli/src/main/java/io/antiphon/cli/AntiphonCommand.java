package io.antiphon.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line; exit codes are {@link CommandRunner}'s. */
@Command(
    name = "antiphon",
    description = "Live conversations on Kafka, answered in speech and text.",
    subcommands = {
      TalkCommand.class,
      ServeCommand.class,
      GatewayCommand.class,
      EvaluateCommand.class,
      AnalyzeCommand.class,
      SuperviseCommand.class,
      ParityCommand.class,
      PlanCommand.class,
      CompletionCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "antiphon 0.1.0",
    footer = {
      "  bench       Measures it; ./antiphon bench --help lists the benchmarks.",
      "  chaos       Kills and stops parts of a real cluster while callers speak and compares what"
          + " they heard.",
      "",
      "./antiphon COMMAND --help tells the options of a command.",
      "Tab completion in bash and zsh: source <(./antiphon completion)"
    },
    synopsisSubcommandLabel = "COMMAND")
public final class AntiphonCommand implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    CommandRunner.exit(new AntiphonCommand(), arguments);
  }

  /** Says what to do first. */
  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Antiphon listens to live conversations on Kafka and answers them in speech and text.");
    out.println();
    out.println("Talk to it in the browser:   ./antiphon gateway");
    out.println(
        "Ask it with a recording:     ./antiphon talk samples/capital.wav --out answer.wav");
    out.println("See all commands:            ./antiphon --help");
  }
}
