package io.antiphon.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/**
 * Runs a command line of this project.
 *
 * <p>Exit codes: 0 done, 1 the work failed or is not complete, 2 the command or its input is wrong.
 */
public final class CommandRunner {
  /** The work failed or is not complete. */
  static final int FAILED = 1;

  /** The command or its input is wrong. */
  static final int USAGE = 2;

  private CommandRunner() {}

  /** Runs in the terminal and ends the process. */
  public static void exit(Object command, String... arguments) {
    PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8));
    System.exit(run(command, out, err, arguments));
  }

  /** Runs in this process and returns the exit code. */
  public static int run(Object command, PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = new CommandLine(command);
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (error, failed, parsed) -> ErrorReporter.report(error, failed));
    commandLine.setParameterExceptionHandler(
        (error, parsed) -> {
          CommandLine wrong = error.getCommandLine();
          wrong.getErr().println(error.getMessage());
          if (!CommandLine.UnmatchedArgumentException.printSuggestions(error, wrong.getErr())) {
            wrong.getErr().println("See " + wrong.getCommandSpec().qualifiedName() + " --help");
          }
          return USAGE;
        });
    int code = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }
}
