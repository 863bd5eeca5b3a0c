package io.antiphon.benchmarks.detokenizer;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.decoding.DirectAnswers;
import io.antiphon.benchmarks.decoding.SpokenPrompt;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The price of hearing an answer while it is made. */
@Command(
    name = "detokenizer",
    description = {
      "Work for the audio of an answer: streamed hop by hop with carried state, in one pass, and by making the",
      "whole prefix again at every hop, as the released scripts do (measured with the least number of answers at",
      "once). CpuTime time of the detokenizer's threads, in turns within one run."
    })
public final class DetokenizerBenchmark extends Benchmark {
  private static final String TABLE = "CpuTime milliseconds for a second of audio (median)";

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "Length of an answer; ${DEFAULT-VALUE} if not given.")
  private double seconds;

  @Option(
      names = "--conversations",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8,32",
      description = "Answers at once; ${DEFAULT-VALUE} if not given.")
  private List<Integer> batches;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often the ways take turns; ${DEFAULT-VALUE} if not given.")
  private int rounds;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration =
        configuration(Map.of("model.maximumLead", "1h", "model.admission.calibration", "0ms"));
    try (ModelHost host = ModelHosts.acquire(configuration.model().hostSettings())) {
      Manifest manifest = host.bundle().manifest();
      int[] ids = ids(host, (int) Math.round(seconds * manifest.audio().tokenRate()));
      int hop = manifest.audio().groupSize();
      report
          .setting("bundle", manifest.name())
          .setting("tokens", ids.length)
          .setting("hopTokens", hop)
          .setting("rounds", rounds);
      double again = 0;
      Collections.sort(batches);
      for (int batch : batches) {
        progress("  " + batch + " answers at once ...");
        Ways ways = new Ways(host, ids, hop, batch, seconds);
        ways.measure(1); // warms up
        ways.clear();
        ways.measure(rounds);
        if (batch == Collections.min(batches)) {
          ways.again(rounds);
          again = Percentiles.median(ways.prefixes);
        }
        report.row(
            TABLE,
            Report.row(
                "answers at once",
                batch,
                "hop by hop",
                Percentiles.median(ways.streamed),
                "one pass",
                Percentiles.median(ways.whole),
                "prefix again",
                again,
                "hops / one pass",
                Percentiles.median(ways.streamed) / Percentiles.median(ways.whole),
                "prefix again / hops",
                again / Percentiles.median(ways.streamed)));
        report.ratio(
            "work of hops / one pass, " + batch + " answers at once",
            Percentiles.median(ways.streamed) / Percentiles.median(ways.whole),
            batch == Collections.max(batches) ? Target.atMost(1.3) : null);
        report.ratio(
            "work of making the prefix again / hops, " + batch + " answers at once",
            again / Percentiles.median(ways.streamed));
      }
      if (manifest.detokenizer().orElseThrow() instanceof Manifest.StreamingDetokenizer streaming) {
        report.ratio(
            "tokens that go through the graph / tokens of the answer, hop by hop",
            (ids.length + streaming.flushTokens()) / (double) ids.length);
      }
    }
  }

  /** Speech ids of answers, one after the other. */
  private static int[] ids(ModelHost host, int count) throws Exception {
    List<Integer> ids = new ArrayList<>();
    int codes = host.bundle().manifest().speechIds().codes();
    List<SpokenPrompt> prompts = new ArrayList<>();
    for (float[] question : recordings().questions()) {
      prompts.add(SpokenPrompt.of(host, question));
    }
    try (DirectAnswers answers = new DirectAnswers(host, prompts, prompts.size(), 72)) {
      for (DirectAnswers.Answer answer : answers.decode(1)) {
        for (GenerationStep step : answer.steps()) {
          if (step.speechIds() != null) {
            Arrays.stream(step.speechIds()).filter(id -> id < codes).forEach(ids::add);
          }
        }
      }
    }
    int[] repeated = new int[count];
    for (int i = 0; i < count; i++) {
      repeated[i] = ids.get(i % ids.size());
    }
    return repeated;
  }

  /** The three ways for a number of answers. */
  private static final class Ways {
    final List<Double> streamed = new ArrayList<>();
    final List<Double> whole = new ArrayList<>();
    final List<Double> prefixes = new ArrayList<>();
    private final ModelHost host;
    private final int[] ids;
    private final int hop;
    private final int batch;
    private final double seconds;

    Ways(ModelHost host, int[] ids, int hop, int batch, double seconds) {
      this.host = host;
      this.ids = ids;
      this.hop = hop;
      this.batch = batch;
      this.seconds = seconds;
    }

    void clear() {
      streamed.clear();
      whole.clear();
      prefixes.clear();
    }

    void measure(int times) {
      for (int i = 0; i < times; i++) {
        whole.add(processorMillis(() -> decode(ids, ids.length)));
        streamed.add(processorMillis(() -> decode(ids, hop)));
      }
    }

    void again(int times) {
      for (int i = 0; i < times; i++) {
        prefixes.add(
            processorMillis(
                () -> {
                  for (int end = hop; end < ids.length + hop; end += hop) {
                    int[] prefix = Arrays.copyOf(ids, Math.min(end, ids.length));
                    decode(prefix, prefix.length);
                  }
                }));
      }
    }

    private double processorMillis(Runnable work) {
      double before = threadSeconds();
      work.run();
      return 1000 * (threadSeconds() - before) / (seconds * batch);
    }

    /** The process's clock is too coarse for one answer. */
    private static double threadSeconds() {
      return CpuTime.secondsByWork().getOrDefault(CpuTime.DETOKENIZER, 0.0);
    }

    private void decode(int[] all, int chunk) {
      List<DetokenizerSession> sessions = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        sessions.add(host.openDetokenizer());
      }
      for (int from = 0; from < all.length; from += chunk) {
        int end = Math.min(all.length, from + chunk);
        int[] ids = Arrays.copyOfRange(all, from, end);
        List<CompletableFuture<float[]>> done = new ArrayList<>();
        for (DetokenizerSession session : sessions) {
          done.add(session.decode(ids, end == all.length));
        }
        done.forEach(CompletableFuture::join);
      }
      sessions.forEach(DetokenizerSession::close);
    }
  }
}
