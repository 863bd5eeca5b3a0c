package io.antiphon.benchmarks.load;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.LocalDataflow;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.ModelHost;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many conversations a machine holds. */
@Command(
    name = "load",
    description = {
      "Conversations that stream in real time through Kafka and Flink, more and more, until the p99 of first",
      "audio (last sample of the question sent to first audio record seen) is above 300 ms or an answer's",
      "playback runs dry. Then those whom admission lets in, twice, with the same questions: alone, and while",
      "twice as many beside them are refused and keep calling again.",
      "Broker, cluster, model and callers share one process and its cores."
    })
public final class LoadBenchmark extends Benchmark {
  private static final double LONGEST_FIRST_AUDIO = 300;

  private static final Map<String, String> SETTINGS = Map.of("model.rows", "128");

  /** Seconds after which a host has forgotten how busy it was. */
  private static final int REST = 20;

  /** Seconds after which those who were not let in are taken to be too many. */
  private static final int LONGEST_RAMP = 30;

  /** CallerPopulation that are measured in every phase. */
  private static final int RUNNING = 0;

  /** CallerPopulation that come on top of what the machine holds. */
  private static final int ADDED = 1;

  @Option(
      names = "--conversations",
      split = ",",
      paramLabel = "N",
      defaultValue = "32,48,64,96,128",
      description = "Conversations at once, rising; ${DEFAULT-VALUE} if not given.")
  private List<Integer> levels;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "How long each number is measured; ${DEFAULT-VALUE} if not given.")
  private double seconds;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "4",
      description =
          "How long new callers come in before that, one after the other; ${DEFAULT-VALUE} if not given.")
  private double settle;

  @Option(
      names = "--warm",
      paramLabel = "S",
      defaultValue = "45",
      description =
          "How long the first callers talk before anything is measured; ${DEFAULT-VALUE} if not given.")
  private double warm;

  @Option(
      names = "--longest",
      paramLabel = "S",
      defaultValue = "30",
      description =
          "Seconds of the longest question; ${DEFAULT-VALUE} if not given. The shortest has 2.")
  private double longest;

  @Option(
      names = "--chunk",
      paramLabel = "MS",
      defaultValue = "100",
      description = "Audio in one record, 20 or 100 ms; ${DEFAULT-VALUE} if not given.")
  private int chunk;

  @Option(
      names = "--beyond",
      description = "Measure the numbers behind the first that is not held as well.")
  private boolean beyond;

  @Option(
      names = "--overload-seconds",
      paramLabel = "S",
      defaultValue = "60",
      description =
          "How long those who were let in are measured, alone and beside twice as many; 0: not at all; ${DEFAULT-VALUE} if not given.")
  private double overloadSeconds;

  @Override
  public void measure(Report report) throws Exception {
    if (chunk < 10 || chunk > 1000) {
      throw new BenchmarkException("--chunk is " + chunk + "; expected 10 to 1000 ms");
    }
    if (longest < 2) {
      throw new BenchmarkException("--longest is " + longest + "; expected at least 2 s");
    }
    Collections.sort(levels);
    AgentConfiguration configuration = configuration(SETTINGS);
    Workload habits = new Workload(chunk, 2, longest, 1, 4, 0.1);
    report
        .setting("chunkMillis", chunk)
        .setting("habits", habits.toString())
        .setting("rows", configuration.model().rows())
        .setting("positionsPerRow", configuration.model().positionsPerRow())
        .setting("detokenizerBatch", configuration.model().detokenizerBatch())
        .setting("maximumLeadMillis", configuration.model().maximumLead().toMillis())
        .setting("secondsPerNumber", seconds)
        .setting("overloadSeconds", overloadSeconds);
    double held = serve(UNLIMITED, habits, (callers, host) -> rise(report, callers, host));
    report.ratio(
        "conversations held (p99 of first audio below 300 ms, no underrun)",
        held,
        Target.atLeast(48));
    if (overloadSeconds > 0) {
      serve(Map.of(), habits, (callers, host) -> overload(report, callers, host));
    }
  }

  /** What is done with a running dataflow. */
  @FunctionalInterface
  private interface Phase {
    double run(CallerPopulation callers, ModelHost host) throws InterruptedException;
  }

  private double serve(Map<String, String> admission, Workload habits, Phase phase)
      throws Exception {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.putAll(admission);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration(settings));
        CallerPopulation callers = new CallerPopulation(dataflow.client(), habits, recordings())) {
      return phase.run(callers, dataflow.host());
    }
  }

  /** Without admission: more and more, until it is too much. */
  private double rise(Report report, CallerPopulation callers, ModelHost host)
      throws InterruptedException {
    report.setting("slabMebibytes", host.slabBytes() >> 20);
    int held = 0;
    boolean rising = true;
    callers.add(levels.get(0), RUNNING, settle);
    progress("  warming up ...");
    TimeUnit.MILLISECONDS.sleep((long) (1000 * warm));
    for (int level : levels) {
      callers.add(level - callers.size(), RUNNING, settle);
      rising &= measure(report, callers, host, Integer.toString(level), seconds).held();
      if (rising) {
        held = level;
      } else if (!beyond) {
        break;
      }
    }
    return held;
  }

  /**
   * With admission: as many as the host says it can take, called twice so that both times have the
   * same questions and histories of the same length; the second time beside twice as many.
   */
  private double overload(Report report, CallerPopulation callers, ModelHost host)
      throws InterruptedException {
    int places = (int) host.metrics().gauge("admission.capacity");
    report.setting("placesByAdmission", places);
    progress("  admission gives " + places + " places; warming up ...");
    callers.add(places, RUNNING, settle);
    TimeUnit.MILLISECONDS.sleep((long) (1000 * (settle + warm)));
    Measured alone = calledAnew(report, callers, host, places, 0);
    Measured beside = calledAnew(report, callers, host, places, 2 * places);
    report.ratio(
        "p99 of first audio of those that run, beside twice as many / alone",
        beside.tail() / alone.tail(),
        Target.atMost(1.2));
    report.ratio("p99 of first audio of those that run, beside twice as many, ms", beside.tail());
    report.ratio("p99 of first audio of those that run, alone, ms", alone.tail());
    report.ratio(
        "refused, of the calls on top while it was measured",
        beside.refused() / (double) Math.max(1, beside.calls()));
    return beside.tail();
  }

  private Measured calledAnew(
      Report report, CallerPopulation callers, ModelHost host, int places, int added)
      throws InterruptedException {
    callers.keep(0);
    TimeUnit.SECONDS.sleep(REST); // admission would take the load of before for theirs
    callers.add(places, RUNNING, settle);
    TimeUnit.MILLISECONDS.sleep((long) (1000 * settle));
    awaitTaken(host, places);
    callers.add(added, ADDED, settle);
    String name = places + " admitted" + (added > 0 ? " + " + added : "");
    return measure(report, callers, host, name, overloadSeconds);
  }

  /**
   * Waits until the places are theirs: admission lets a crowd in as it shows what it takes, and
   * where the machine has become busy, fewer.
   */
  private static void awaitTaken(ModelHost host, int places) throws InterruptedException {
    for (int second = 0; second < LONGEST_RAMP; second++) {
      if (host.metrics().gauge("admission.conversations") >= places) {
        return;
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /**
   * @param tail p99 of first audio of the running ones
   * @param calls of those that came on top
   * @param refused of those
   */
  private record Measured(double tail, boolean held, int calls, int refused) {}

  private Measured measure(
      Report report, CallerPopulation callers, ModelHost host, String name, double seconds)
      throws InterruptedException {
    progress("  " + name + " conversations: settling ...");
    TimeUnit.MILLISECONDS.sleep((long) (1000 * settle) + 3000);
    LoadStatistics figures = callers.figures();
    figures.restart();
    Map<String, Double> worksBefore = CpuTime.secondsByWork();
    long prefilledBefore = prefilled(host);
    double cpu = CpuTime.seconds();
    long begin = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep((long) (1000 * seconds));
    double wall = (System.nanoTime() - begin) / 1e9;
    double used = CpuTime.seconds() - cpu;
    Map<String, Double> works = CpuTime.difference(worksBefore, CpuTime.secondsByWork(), used);
    List<Double> running = figures.firstAudio(RUNNING);
    if (running.isEmpty()) {
      throw new BenchmarkException(
          "nobody heard anything within " + seconds + " s: " + figures.events());
    }
    double tail = Percentiles.percentile(running, 0.99);
    int underruns = figures.counted("underruns" + RUNNING);
    boolean held =
        tail < LONGEST_FIRST_AUDIO
            && underruns == 0
            && figures.counted(LoadStatistics.REFUSED) == 0;
    progress(
        String.format(
            Locale.ROOT,
            "  %s conversations: p99 %.0f ms, %d underruns, %s",
            name,
            tail,
            underruns,
            figures.events()));
    Histogram.Snapshot step = snapshot(host, "response.stepMillis");
    Histogram.Snapshot batch = snapshot(host, "response.batchSize");
    report.row(
        "Conversations",
        Report.row(
            "at once", name,
            "answers", running.size(),
            "first audio p50 ms", Percentiles.median(running),
            "p99 ms", tail,
            "max ms", Collections.max(running),
            "underruns", underruns,
            "longest gap ms", figures.longestGapMillis(),
            "unanswered", figures.counted("unanswered"),
            "refused", figures.counted(LoadStatistics.REFUSED),
            "cores used", used / wall,
            "audio s per CPU s", figures.audioSeconds() / used,
            "resident MiB", CpuTime.residentMebibytes(),
            "heap MiB", CpuTime.heapMebibytes(),
            "step ms p50", step.p50(),
            "step p99", step.p99(),
            "rows a step", batch.mean(),
            "range a step", snapshot(host, "response.rangeSize").mean(),
            "prefill ms p50", snapshot(host, "response.prefillMillis").p50(),
            "prefilled positions/s", (prefilled(host) - prefilledBefore) / wall,
            "latest send ms", figures.latestSendMillis()));
    works.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(
            work ->
                report.row(
                    "Cores used with " + name + " conversations, by work",
                    Report.row("work", work.getKey(), "cores", work.getValue() / wall)));
    List<Double> added = figures.firstAudio(ADDED);
    if (!added.isEmpty()) {
      report.row(
          "Conversations that came on top",
          Report.row(
              "at once", name,
              "answers", added.size(),
              "first audio p50 ms", Percentiles.median(added),
              "p99 ms", Percentiles.percentile(added, 0.99),
              "underruns", figures.counted("underruns" + ADDED)));
    }
    return new Measured(
        tail,
        held,
        figures.counted(LoadStatistics.CALLS + ADDED),
        figures.counted(LoadStatistics.REFUSED + ADDED));
  }

  private static long prefilled(ModelHost host) {
    LongAdder counter = host.metrics().counters().get("response.prefilledPositions");
    return counter == null ? 0 : counter.sum();
  }

  private static Histogram.Snapshot snapshot(ModelHost host, String name) {
    Histogram histogram = host.metrics().histograms().get(name);
    return histogram == null ? new Histogram().snapshot() : histogram.snapshot();
  }
}
