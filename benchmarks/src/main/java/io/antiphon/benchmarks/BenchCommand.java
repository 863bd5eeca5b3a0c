package io.antiphon.benchmarks;

import io.antiphon.jobs.configuration.InvalidConfigurationException;
import io.antiphon.runtime.ConfigurationException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./antiphon bench NAME}.
 *
 * <p>Exit codes: 0 measured, 1 the measurement failed, 2 the command or its input is wrong.
 */
@Command(
    name = "antiphon bench",
    description = "Measures; prints ratios first. benchmarks/README.md holds the last results.",
    subcommands = {
      ReferenceBenchmark.class,
      FloorBenchmark.class,
      LoadBenchmark.class,
      QuestionLengthBenchmark.class,
      HopsBenchmark.class,
      RatesBenchmark.class,
      DetokenizerBenchmark.class,
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "NAME")
public final class BenchCommand implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(BenchCommand.class);
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8));
    System.exit(run(out, err, arguments));
  }

  /** Runs a benchmark in this process and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = new CommandLine(new BenchCommand());
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setExecutionExceptionHandler(
        (error, command, parsed) -> {
          boolean usage =
              error instanceof BenchmarkException
                  || error instanceof InvalidConfigurationException
                  || error instanceof ConfigurationException;
          if (!usage) {
            LOG.error("{} failed", command.getCommandName(), error);
          }
          command.getErr().println(usage ? error.getMessage() : "Failed: " + error);
          return usage ? USAGE : FAILED;
        });
    int code = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A name is missing; expected one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
