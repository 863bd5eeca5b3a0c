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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether the answer to a long question comes as fast as that to a short one. */
@Command(
    name = "question-length",
    description = {
      "First audio of questions of 3, 10 and 30 s through Kafka and Flink, spoken in real time. They end one",
      "after the other, so that answers do not meet, while others are still listened to. Lengths are spread over",
      "one encoder window, so that each has every rest of a window."
    })
public final class QuestionLengthBenchmark extends Benchmark {
  private static final int CHUNK_MILLIS = 100;
  private static final double WINDOW_SECONDS = 2;
  private static final int WARMING = 3;

  @Option(
      names = "--lengths",
      split = ",",
      paramLabel = "S",
      defaultValue = "3,10,30",
      description = "Seconds of a question; ${DEFAULT-VALUE} if not given.")
  private List<Integer> lengths;

  @Option(
      names = "--questions",
      paramLabel = "N",
      defaultValue = "8",
      description = "Questions of each length; ${DEFAULT-VALUE} if not given.")
  private int count;

  @Option(
      names = "--between",
      paramLabel = "S",
      defaultValue = "1.5",
      description =
          "Seconds from one question's end to the next one's; ${DEFAULT-VALUE} if not given.")
  private double between;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(UNLIMITED);
    report
        .setting("questionsOfEachLength", count)
        .setting("chunkMillis", CHUNK_MILLIS)
        .setting("secondsBetweenEnds", between);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration)) {
      for (int i = 0; i < WARMING; i++) {
        new TimedQuestion(dataflow.client(), CHUNK_MILLIS).ask(recordings().question(i, 3));
      }
      Map<Integer, List<TimedAnswer>> heard = ask(dataflow);
      heard.forEach(
          (length, all) ->
              report.row(
                  "Milliseconds after the end of the question (p50)",
                  Report.row(
                      "question s", length,
                      "answers with speech", all.size(),
                      "encoded", stage(all, StageLatencies::getEncoded),
                      "prefilled", stage(all, StageLatencies::getPrefilled),
                      "first text", stage(all, StageLatencies::getFirstText),
                      "first speech tokens", stage(all, StageLatencies::getFirstSpeechTokens),
                      "first audio", stage(all, StageLatencies::getFirstAudio),
                      "at the caller", Percentiles.median(millis(all)),
                      "at the caller p90", Percentiles.percentile(millis(all), 0.9),
                      "greatest", Percentiles.percentile(millis(all), 1))));
      int shortest = Collections.min(lengths);
      int longest = Collections.max(lengths);
      report.ratio(
          "first audio of a question of " + longest + " s / of " + shortest + " s, p50",
          Percentiles.median(millis(heard.getOrDefault(longest, List.of())))
              / Percentiles.median(millis(heard.getOrDefault(shortest, List.of()))),
          Target.atMost(1.2));
    }
  }

  /** First audio at the caller, and what the dataflow says of the stages. */
  private record TimedAnswer(OptionalDouble millis, StageLatencies stages) {}

  private static List<Double> millis(List<TimedAnswer> all) {
    return all.stream().map(heard -> heard.millis().getAsDouble()).toList();
  }

  private static double stage(List<TimedAnswer> all, ToDoubleFunction<StageLatencies> stage) {
    return Percentiles.median(
        all.stream().map(heard -> stage.applyAsDouble(heard.stages())).toList());
  }

  private Map<Integer, List<TimedAnswer>> ask(LocalDataflow dataflow) throws Exception {
    Recordings recordings = recordings();
    ScheduledExecutorService callers =
        Executors.newScheduledThreadPool(
            Collections.max(lengths) + lengths.size(),
            task -> {
              Thread thread = new Thread(task, "antiphon-callers");
              thread.setDaemon(true);
              return thread;
            });
    try {
      double lead = Collections.max(lengths) + WINDOW_SECONDS;
      Map<Integer, List<Future<TimedAnswer>>> asked = new LinkedHashMap<>();
      int slot = 0;
      for (int i = 0; i < count; i++) {
        for (int length : lengths) {
          // The same recording ends all questions of a round, and the same rest of a window.
          float[] question = recordings.question(i, length + WINDOW_SECONDS * i / count);
          double begin =
              lead + slot++ * between - question.length / (double) Recordings.SAMPLE_RATE;
          asked
              .computeIfAbsent(length, key -> new ArrayList<>())
              .add(
                  callers.schedule(
                      () -> {
                        TimedQuestion asking = new TimedQuestion(dataflow.client(), CHUNK_MILLIS);
                        return new TimedAnswer(asking.ask(question), asking.stages());
                      },
                      (long) (begin * 1e9),
                      TimeUnit.NANOSECONDS));
        }
      }
      progress(String.format("  listening for %.0f s ...", lead + slot * between));
      Map<Integer, List<TimedAnswer>> spoken = new LinkedHashMap<>();
      for (Map.Entry<Integer, List<Future<TimedAnswer>>> entry : asked.entrySet()) {
        List<TimedAnswer> answers = new ArrayList<>();
        for (Future<TimedAnswer> future : entry.getValue()) {
          TimedAnswer heard = future.get();
          if (heard.millis().isPresent()) {
            answers.add(heard);
          }
        }
        if (answers.isEmpty()) {
          throw new BenchmarkException(
              "no answer to a question of " + entry.getKey() + " s was spoken");
        }
        spoken.put(entry.getKey(), answers);
      }
      return spoken;
    } finally {
      callers.shutdownNow();
    }
  }
}
