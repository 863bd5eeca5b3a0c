package io.antiphon.benchmarks.decoding;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the low rate of the shared LLM saves. */
@Command(
    name = "rates",
    description = {
      "The time that an answer takes with the shared LLM at 5 Hz, and with the same weights at 12.5 and 25 Hz:",
      "every position of the shared LLM is really computed, with a cache that grows at that rate after a prompt",
      "whose audio stands at that rate as well. The refined head makes 25 ids a second in all of them: its time",
      "is that of the step with it less that of the step without it, at 5 Hz."
    })
public final class RatesBenchmark extends Benchmark {
  /** Positions of the shared LLM a second for each position of the bundle's own rate. */
  private static final List<Double> FACTORS = List.of(1.0, 2.5, 5.0);

  @Option(
      names = "--question",
      paramLabel = "S",
      defaultValue = "10",
      description = "Seconds of the question; ${DEFAULT-VALUE} if not given.")
  private int question;

  @Option(
      names = "--answer",
      paramLabel = "S",
      defaultValue = "8",
      description = "Seconds of the answer; ${DEFAULT-VALUE} if not given.")
  private int answer;

  @Option(
      names = "--conversations",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8,32",
      description = "Conversations in a step; ${DEFAULT-VALUE} if not given.")
  private List<Integer> batches;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often all take turns; ${DEFAULT-VALUE} if not given.")
  private int rounds;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(Map.of());
    ModelHostSettings settings = configuration.model().hostSettings();
    Bundle bundle = Bundle.load(settings.bundle());
    Manifest manifest = bundle.manifest();
    OnnxSessions sessions =
        new OnnxSessions(settings.device(), settings.intraOpThreads(), settings.spinning());
    double rate = (double) manifest.audio().tokenRate() / manifest.audio().groupSize();
    report
        .setting("bundle", manifest.name())
        .setting("questionSeconds", question)
        .setting("answerSeconds", answer)
        .setting("rounds", rounds)
        .setting("graphs", "stepTextGreedy for the shared LLM, stepGreedy less it for the head");
    try (OrtSession text = sessions.open(bundle.file(Manifest.Graph.STEP_TEXT_GREEDY));
        OrtSession speech = sessions.open(bundle.file(Manifest.Graph.STEP_GREEDY))) {
      for (int batch : batches) {
        progress("  " + batch + " conversations ...");
        Map<Double, List<Double>> llm = new LinkedHashMap<>();
        List<Double> head = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
          double own = 0;
          for (double factor : FACTORS) {
            double took = seconds(text, manifest, batch, rate * factor);
            own = factor == 1 ? took : own;
            if (round > 0) { // the first warms up
              llm.computeIfAbsent(factor, key -> new ArrayList<>()).add(took);
            }
          }
          double both = seconds(speech, manifest, batch, rate);
          if (round > 0) {
            head.add(both - own);
          }
        }
        fill(report, manifest, batch, rate, llm, Percentiles.median(head));
      }
    }
    report.note(
        "The ids that a model at 12.5 or 25 Hz would say are not made: these weights were trained for one rate."
            + " The work is that of the rate, which does not depend on the ids.");
  }

  private void fill(
      Report report,
      Manifest manifest,
      int batch,
      double rate,
      Map<Double, List<Double>> llm,
      double head) {
    double trained = Percentiles.median(llm.getOrDefault(1.0, List.of()));
    double own = trained + head;
    llm.forEach(
        (factor, times) -> {
          double shared = Percentiles.median(times);
          report.row(
              "Milliseconds for a second of one answer",
              Report.row(
                  "conversations", batch,
                  "shared LLM at Hz", rate * factor,
                  "shared LLM", 1000 * shared / answer / batch,
                  "refined head", 1000 * head / answer / batch,
                  "together", 1000 * (shared + head) / answer / batch,
                  "to 5 Hz, shared LLM", shared / trained,
                  "to 5 Hz, together", (shared + head) / own,
                  "cache KiB a second",
                      RawStepLoop.cacheBytesPerPosition(manifest, false) * rate * factor / 1024));
          if (factor > 1) {
            report.ratio(
                "work of an answer at "
                    + Report.number(rate * factor)
                    + " Hz / at "
                    + Report.number(rate)
                    + " Hz, "
                    + batch
                    + " conversations",
                (shared + head) / own);
          }
        });
  }

  /** Seconds that the steps of an answer take at a rate, after the prompt's positions. */
  private double seconds(OrtSession session, Manifest manifest, int batch, double rate)
      throws OrtException {
    int past = (int) Math.round(question * rate);
    int steps = (int) Math.round(answer * rate);
    try (RawStepLoop loop = new RawStepLoop(session, manifest, batch, past + steps + 1)) {
      loop.run(past, 0);
      long begin = System.nanoTime();
      for (int i = 0; i < steps; i++) {
        loop.run(past, i);
      }
      return (System.nanoTime() - begin) / 1e9;
    }
  }
}
