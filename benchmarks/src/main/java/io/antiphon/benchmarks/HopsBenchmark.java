package io.antiphon.benchmarks;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What Kafka and Flink add to the first audio. */
@Command(
    name = "hops",
    description = {
      "First audio of the same questions through Kafka and Flink and straight from the model host that the",
      "dataflow uses, in turns within one run; one conversation at a time, spoken in real time."
    })
final class HopsBenchmark extends Benchmark {
  private static final int WARMING = 4;

  @Option(
      names = "--questions",
      paramLabel = "N",
      defaultValue = "12",
      description = "Questions asked each way; ${DEFAULT-VALUE} if not given.")
  private int count;

  @Option(
      names = "--chunk",
      paramLabel = "MS",
      defaultValue = "20",
      description = "Audio in one record; ${DEFAULT-VALUE} if not given.")
  private int chunk;

  @Override
  void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(UNLIMITED);
    Recordings recordings = recordings();
    report.setting("questions", count).setting("chunkMillis", chunk);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration)) {
      List<Double> direct = new ArrayList<>();
      List<Double> flow = new ArrayList<>();
      for (int i = -WARMING; i < count; i++) {
        float[] question = recordings.question(i, 0);
        OptionalDouble straight = new DirectQuestion(dataflow.host(), chunk).ask(question);
        OptionalDouble through = new OneQuestion(dataflow.client(), chunk).ask(question);
        if (i >= 0) {
          straight.ifPresent(direct::add);
          through.ifPresent(flow::add);
        }
        if (i % 5 == 0) {
          progress("  question " + i + " of " + count + " ...");
        }
      }
      if (direct.isEmpty() || flow.isEmpty()) {
        throw new BenchmarkException("no answer was spoken; expected a bundle that speaks");
      }
      double share = Statistics.median(flow) - Statistics.median(direct);
      report.ratio("Kafka + Flink, ms of the p50 of first audio", share, Target.atMost(15));
      report.ratio(
          "first audio through Kafka and Flink / from the model host, p50",
          Statistics.median(flow) / Statistics.median(direct));
      row(report, "through Kafka and Flink", flow);
      row(report, "from the model host", direct);
    }
  }

  private static void row(Report report, String way, List<Double> millis) {
    report.row(
        "First audio in milliseconds",
        Report.row(
            "way", way,
            "questions", millis.size(),
            "p50", Statistics.median(millis),
            "p90", Statistics.percentile(millis, 0.9),
            "least", Statistics.percentile(millis, 0),
            "greatest", Statistics.percentile(millis, 1)));
  }
}
