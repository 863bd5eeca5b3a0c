package io.antiphon.benchmarks;

import io.antiphon.jobs.configuration.AgentConfiguration;
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
final class QuestionLengthBenchmark extends Benchmark {
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
      defaultValue = "12",
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
  void measure(Report report) throws Exception {
    AgentConfiguration configuration = configuration(UNLIMITED);
    report
        .setting("questionsOfEachLength", count)
        .setting("chunkMillis", CHUNK_MILLIS)
        .setting("secondsBetweenEnds", between);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration)) {
      for (int i = 0; i < WARMING; i++) {
        new OneQuestion(dataflow.client(), CHUNK_MILLIS).ask(recordings().question(i, 3));
      }
      Map<Integer, List<Double>> millis = ask(dataflow);
      millis.forEach(
          (length, all) ->
              report.row(
                  "First audio in milliseconds",
                  Report.row(
                      "question s", length,
                      "answers with speech", all.size(),
                      "p50", Statistics.median(all),
                      "p90", Statistics.percentile(all, 0.9),
                      "greatest", Statistics.percentile(all, 1))));
      int shortest = Collections.min(lengths);
      int longest = Collections.max(lengths);
      report.ratio(
          "first audio of a question of " + longest + " s / of " + shortest + " s, p50",
          Statistics.median(millis.get(longest)) / Statistics.median(millis.get(shortest)),
          Target.atMost(1.2));
    }
  }

  private Map<Integer, List<Double>> ask(LocalDataflow dataflow) throws Exception {
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
      Map<Integer, List<Future<OptionalDouble>>> asked = new LinkedHashMap<>();
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
                      () -> new OneQuestion(dataflow.client(), CHUNK_MILLIS).ask(question),
                      (long) (begin * 1e9),
                      TimeUnit.NANOSECONDS));
        }
      }
      progress(String.format("  listening for %.0f s ...", lead + slot * between));
      Map<Integer, List<Double>> millis = new LinkedHashMap<>();
      for (Map.Entry<Integer, List<Future<OptionalDouble>>> entry : asked.entrySet()) {
        List<Double> heard = new ArrayList<>();
        for (Future<OptionalDouble> future : entry.getValue()) {
          future.get().ifPresent(heard::add);
        }
        if (heard.isEmpty()) {
          throw new BenchmarkException(
              "no answer to a question of " + entry.getKey() + " s was spoken");
        }
        millis.put(entry.getKey(), heard);
      }
      return millis;
    } finally {
      callers.shutdownNow();
    }
  }
}
