package io.antiphon.jobs.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line.
 *
 * <p>Exit codes: 0 done, 1 the work failed or is not complete, 2 the command or its input is wrong.
 */
@Command(
    name = "antiphon",
    description = "Live conversations on Kafka, answered in speech and text.",
    subcommands = {
      TalkCommand.class,
      ServeCommand.class,
      EvaluateCommand.class,
      ParityCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "antiphon 0.1.0",
    footer = {"", "./antiphon bench NAME measures it: see ./antiphon bench --help."},
    synopsisSubcommandLabel = "COMMAND")
public final class AntiphonCommand implements Runnable {
  /** The work failed or is not complete. */
  static final int FAILED = 1;

  /** The command or its input is wrong. */
  static final int USAGE = 2;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8));
    System.exit(run(out, err, arguments));
  }

  /** Runs a command in this process and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = new CommandLine(new AntiphonCommand());
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setExecutionExceptionHandler(
        (error, command, parsed) -> Failures.report(error, command));
    commandLine.setParameterExceptionHandler(
        (error, parsed) -> {
          CommandLine command = error.getCommandLine();
          command.getErr().println(error.getMessage());
          if (!CommandLine.UnmatchedArgumentException.printSuggestions(error, command.getErr())) {
            command.getErr().println("See " + command.getCommandSpec().qualifiedName() + " --help");
          }
          return USAGE;
        });
    int code = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is missing; expected one of talk, serve, evaluate, parity.");
  }
}
