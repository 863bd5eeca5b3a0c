package io.antiphon.benchmarks;

import io.antiphon.cli.CommandRunner;
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
      KernelsBenchmark.class,
      LoadBenchmark.class,
      QuestionLengthBenchmark.class,
      HopsBenchmark.class,
      RatesBenchmark.class,
      DetokenizerBenchmark.class,
      DetectorBenchmark.class,
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "NAME")
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    CommandRunner.exit(new BenchCommand(), arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A name is missing; expected one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
