package io.antiphon.benchmarks;

import io.antiphon.benchmarks.calls.AnalyticsBenchmark;
import io.antiphon.benchmarks.calls.CallsBenchmark;
import io.antiphon.benchmarks.dataflow.HopsBenchmark;
import io.antiphon.benchmarks.dataflow.QuestionLengthBenchmark;
import io.antiphon.benchmarks.decoding.FloorBenchmark;
import io.antiphon.benchmarks.decoding.KernelsBenchmark;
import io.antiphon.benchmarks.decoding.RatesBenchmark;
import io.antiphon.benchmarks.decoding.ReferenceBenchmark;
import io.antiphon.benchmarks.detokenizer.DetokenizerBenchmark;
import io.antiphon.benchmarks.listening.DetectorBenchmark;
import io.antiphon.benchmarks.listening.TurnsBenchmark;
import io.antiphon.benchmarks.load.LoadBenchmark;
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
      TurnsBenchmark.class,
      CallsBenchmark.class,
      AnalyticsBenchmark.class,
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
