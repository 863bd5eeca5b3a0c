package io.antiphon.benchmarks.decoding;

import ai.onnxruntime.OrtSession;
import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the engine adds to the graph that it runs. */
@Command(
    name = "floor",
    description = {
      "The engine's step against a bare loop over the same step graph with the same rows and positions,",
      "in turns within one run. The engine's time is from one tick's ids to the next one's."
    })
public final class FloorBenchmark extends Benchmark {
  @Option(
      names = "--rows",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,2,4,8,16,32",
      description = "Conversations in a step; ${DEFAULT-VALUE} if not given.")
  private List<Integer> batches;

  @Mixin private DecodingOptions decoding;

  @Option(
      names = "--question",
      paramLabel = "S",
      defaultValue = "2",
      description =
          "Seconds of the question, five positions in the cache each; ${DEFAULT-VALUE} if not given.")
  private double question;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(DecodingOptions.settings(batches));
    try (ModelHost host = ModelHosts.acquire(configuration.model().hostSettings())) {
      SpokenPrompt prompt = SpokenPrompt.of(host, recordings().question(0, question));
      report
          .setting("bundle", host.bundle().manifest().name())
          .setting("graph", "stepGreedy")
          .setting("promptPositions", prompt.positions())
          .setting("intraOpThreads", host.settings().intraOpThreads())
          .setting("rounds", decoding.rounds);
      OnnxSessions sessions =
          new OnnxSessions(
              host.settings().device(),
              host.settings().intraOpThreads(),
              host.settings().spinning());
      double least = Double.MAX_VALUE;
      double greatest = 0;
      double alone = 0;
      double together = 0;
      try (OrtSession session = sessions.open(host.bundle().file(Manifest.Graph.STEP_GREEDY))) {
        for (int rows : batches) {
          progress("  " + rows + " conversations ...");
          Sides sides = sides(host, session, prompt, rows);
          double ratio = sides.engine() / sides.bare();
          least = Math.min(least, ratio);
          greatest = Math.max(greatest, ratio);
          alone = rows == 1 ? sides.engine() : alone;
          together = rows == 32 ? sides.engine() / rows : together;
          report.row(
              "Milliseconds of a step (median)",
              Report.row(
                  "conversations", rows,
                  "engine", sides.engine(),
                  "bare loop", sides.bare(),
                  "ratio", ratio,
                  "engine per conversation", sides.engine() / rows,
                  "engine p99", sides.engineTail(),
                  "bare p99", sides.bareTail()));
        }
      }
      for (int rows : new TreeSet<>(batches)) {
        if (rows == 1 || rows == Collections.max(batches)) {
          operators(host, prompt, rows, report);
        }
      }
      report.ratio(
          "engine step / bare step, greatest over all batches", greatest, Target.atMost(1.3));
      report.ratio("engine step / bare step, least over all batches", least);
      if (alone > 0 && together > 0) {
        report.ratio("cost of a conversation's step, alone / among 32", alone / together);
      }
    }
  }

  /** Where the graph's own time goes, with ONNX Runtime's profiler, which slows it a little. */
  private void operators(ModelHost host, SpokenPrompt prompt, int rows, Report report)
      throws Exception {
    progress("  operators of " + rows + " conversations ...");
    OperatorTimes.ofSteps(host.bundle(), host.settings(), rows, prompt.positions(), decoding.steps)
        .forEach(
            (operator, millis) ->
                report.row(
                    "Milliseconds of a bare step of " + rows + " conversations, by operator",
                    Report.row("operator", operator, "ms", millis)));
  }

  /** Milliseconds of a step. */
  private record Sides(double engine, double engineTail, double bare, double bareTail) {}

  private Sides sides(ModelHost host, OrtSession session, SpokenPrompt prompt, int rows)
      throws Exception {
    List<Double> engine = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    Manifest manifest = host.bundle().manifest();
    try (DirectAnswers answers = new DirectAnswers(host, List.of(prompt), rows, decoding.steps);
        RawStepLoop loop =
            new RawStepLoop(session, manifest, rows, host.settings().positionsPerRow() + 1)) {
      int length = ticks(answers.decode(1)).size();
      for (int i = 0; i < length; i++) {
        loop.run(prompt.positions(), i);
      }
      for (int round = 0; round < decoding.rounds; round++) {
        engine.addAll(ticks(answers.decode(1)));
        for (int i = 0; i < length; i++) {
          long begin = System.nanoTime();
          loop.run(prompt.positions(), i);
          bare.add((System.nanoTime() - begin) / 1e6);
        }
      }
    }
    return new Sides(
        Percentiles.median(engine),
        Percentiles.percentile(engine, 0.99),
        Percentiles.median(bare),
        Percentiles.percentile(bare, 0.99));
  }

  /**
   * Milliseconds from tick to tick while all conversations step: all have the same prompt, so they
   * end together; the first ticks are those of conversations that began before the others.
   */
  private static List<Double> ticks(List<DirectAnswers.Answer> answers) {
    long allBegun = answers.stream().mapToLong(answer -> answer.nanos().get(0)).max().orElseThrow();
    long firstEnd =
        answers.stream()
            .mapToLong(answer -> answer.nanos().get(answer.nanos().size() - 1))
            .min()
            .orElseThrow();
    List<Long> nanos = answers.get(0).nanos();
    List<Double> ticks = new ArrayList<>();
    for (int i = 1; i < nanos.size(); i++) {
      if (nanos.get(i - 1) >= allBegun && nanos.get(i) <= firstEnd) {
        ticks.add((nanos.get(i) - nanos.get(i - 1)) / 1e6);
      }
    }
    return ticks;
  }
}
