package io.antiphon.benchmarks.dataflow;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.LocalDataflow;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.schemas.StageLatencies;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What Kafka and Flink add to the first audio. */
@Command(
    name = "hops",
    description = {
      "First audio of the same questions through Kafka and Flink and straight from the model host that the",
      "dataflow uses, in turns within one run; one conversation at a time, spoken in real time."
    })
public final class HopsBenchmark extends Benchmark {
  @Option(
      names = "--questions",
      paramLabel = "N",
      defaultValue = "24",
      description = "Questions asked each way; ${DEFAULT-VALUE} if not given.")
  private int count;

  @Option(
      names = "--warming",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Questions asked each way before, which do not count; ${DEFAULT-VALUE} if not given.")
  private int warming;

  @Option(
      names = "--chunk",
      paramLabel = "MS",
      defaultValue = "20",
      description = "Audio in one record; ${DEFAULT-VALUE} if not given.")
  private int chunk;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(UNLIMITED);
    Recordings recordings = recordings();
    report.setting("questions", count).setting("chunkMillis", chunk).setting("warming", warming);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration)) {
      List<Double> direct = new ArrayList<>();
      List<Double> flow = new ArrayList<>();
      List<StageLatencies> directStages = new ArrayList<>();
      List<StageLatencies> flowStages = new ArrayList<>();
      for (int i = -warming; i < count; i++) {
        float[] question = recordings.question(i, 0);
        DirectQuestion straight = new DirectQuestion(dataflow.host(), chunk);
        OptionalDouble straightAudio = straight.ask(question);
        TimedQuestion through = new TimedQuestion(dataflow.client(), chunk);
        OptionalDouble throughAudio = through.ask(question);
        if (i >= 0 && straightAudio.isPresent() && throughAudio.isPresent()) {
          direct.add(straightAudio.getAsDouble());
          flow.add(throughAudio.getAsDouble());
          directStages.add(straight.stages());
          flowStages.add(through.stages());
        }
        if (i % 5 == 0) {
          progress("  question " + i + " of " + count + " ...");
        }
      }
      if (direct.isEmpty() || flow.isEmpty()) {
        throw new BenchmarkException("no answer was spoken; expected a bundle that speaks");
      }
      double share = Percentiles.median(flow) - Percentiles.median(direct);
      report.ratio("Kafka + Flink, ms of the p50 of first audio", share, Target.atMost(15));
      report.ratio(
          "first audio through Kafka and Flink / from the model host, p50",
          Percentiles.median(flow) / Percentiles.median(direct));
      row(report, "through Kafka and Flink", flow);
      row(report, "from the model host", direct);
      stages(report, "through Kafka and Flink", flowStages, Percentiles.median(flow));
      stages(report, "from the model host", directStages, Percentiles.median(direct));
    }
  }

  private static void row(Report report, String way, List<Double> millis) {
    report.row(
        "First audio in milliseconds",
        Report.row(
            "way", way,
            "questions", millis.size(),
            "p50", Percentiles.median(millis),
            "p90", Percentiles.percentile(millis, 0.9),
            "least", Percentiles.percentile(millis, 0),
            "greatest", Percentiles.percentile(millis, 1)));
  }

  /** The dataflow's own stages begin when the end of the turn has reached it. */
  private static void stages(
      Report report, String way, List<StageLatencies> all, double atTheCaller) {
    report.row(
        "Milliseconds after the end of the question (p50); through Kafka and Flink, after it has arrived",
        Report.row(
            "way", way,
            "encoded", stage(all, StageLatencies::getEncoded),
            "prefilled", stage(all, StageLatencies::getPrefilled),
            "first text", stage(all, StageLatencies::getFirstText),
            "first speech tokens", stage(all, StageLatencies::getFirstSpeechTokens),
            "first audio", stage(all, StageLatencies::getFirstAudio),
            "at the caller, with the way in and out", atTheCaller));
  }

  private static double stage(List<StageLatencies> all, ToDoubleFunction<StageLatencies> stage) {
    return Percentiles.median(all.stream().map(stage::applyAsDouble).toList());
  }
}
