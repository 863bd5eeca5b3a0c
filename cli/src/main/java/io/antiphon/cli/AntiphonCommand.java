package io.antiphon.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
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
      ParityCommand.class,
      PlanCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "antiphon 0.1.0",
    footer = {"", "./antiphon bench NAME measures it: see ./antiphon bench --help."},
    synopsisSubcommandLabel = "COMMAND")
public final class AntiphonCommand implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    CommandRunner.exit(new AntiphonCommand(), arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A command is missing; expected one of talk, serve, gateway, evaluate, parity, plan.");
  }
}
