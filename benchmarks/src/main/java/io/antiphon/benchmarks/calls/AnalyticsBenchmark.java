package io.antiphon.benchmarks.calls;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.LocalDataflow;
import io.antiphon.benchmarks.load.CallerPopulation;
import io.antiphon.benchmarks.load.LoadStatistics;
import io.antiphon.benchmarks.load.Workload;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.CallAnalyticsJob;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.local.LocalFlink;
import io.antiphon.local.TopicCreator;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What call analytics costs the agent whose conversations it listens to. */
@Command(
    name = "analytics",
    description = {
      "The same real-time conversations with the agent alone and with call analytics on the same topics beside it,",
      "in turns within one run, each time by callers who ask the same and draw the same: first audio (last sample",
      "of the question sent to first audio record seen) of both, and whether the agent's ids are the same.",
      "Broker, both clusters, both jobs' models and callers share one process and its cores. Takes 7 minutes."
    })
public final class AnalyticsBenchmark extends Benchmark {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int LARGEST = 8 << 20;
  private static final int GROUP = 0;

  /** Seconds in which what the callers left is worked off before the next ones come. */
  private static final int REST = 4;

  private static final double SHORTEST_QUESTION = 2;
  private static final double LONGEST_QUESTION = 4;

  @Option(
      names = "--conversations",
      paramLabel = "N",
      defaultValue = "16",
      description = "At the same time; ${DEFAULT-VALUE} if not given.")
  private int conversations;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How often each of both is measured; their answers are counted together; ${DEFAULT-VALUE} if not given.")
  private int repetitions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "How long each is measured each time; ${DEFAULT-VALUE} if not given.")
  private double seconds;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "How long callers come in before that, one after the other; ${DEFAULT-VALUE} if not given.")
  private double settle;

  @Option(
      names = "--warm",
      paramLabel = "S",
      defaultValue = "25",
      description =
          "How long callers talk beside analytics before anything is measured; ${DEFAULT-VALUE} if not given.")
  private double warm;

  @Option(
      names = "--chunk",
      paramLabel = "MS",
      defaultValue = "100",
      description = "Audio in one record, 20 or 100 ms; ${DEFAULT-VALUE} if not given.")
  private int chunk;

  @Option(
      names = "--calls-set",
      paramLabel = "NAME=VALUE",
      description = "A setting of call analytics, such as calls.partialInterval=500ms.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * What the callers of one time saw.
   *
   * @param run the callers' common name
   * @param answers filled when all times are over
   * @param firstAudio milliseconds
   */
  private record Phase(
      boolean beside,
      String run,
      AnswerIds answers,
      List<Double> firstAudio,
      int underruns,
      int unanswered,
      double cores) {
    double p50() {
      return Percentiles.median(firstAudio);
    }

    double p99() {
      return Percentiles.percentile(firstAudio, 0.99);
    }
  }

  @Override
  public void measure(Report report) throws Exception {
    check();
    // Nobody interrupts: what is heard of an answer would depend on its delay, and with it the next
    // one's context.
    Workload habits = new Workload(chunk, SHORTEST_QUESTION, LONGEST_QUESTION, 0.5, 1.5, 0);
    Map<String, String> served = new HashMap<>(UNLIMITED);
    served.put("model.rows", Integer.toString(Math.max(32, conversations)));
    AgentConfiguration configuration = configuration(served);
    if (configuration.topics().completedTurns().isEmpty()) {
      throw new BenchmarkException(
          "topics.completedTurns is empty; expected a topic, from which the ids are read");
    }
    report
        .setting("conversations", conversations)
        .setting("repetitions", repetitions)
        .setting("seconds", seconds)
        .setting("habits", habits.toString());
    settings.forEach(report::setting);
    try (LocalDataflow dataflow = LocalDataflow.start(configuration);
        LocalFlink cluster = LocalFlink.start(1, new Configuration())) {
      AgentConfiguration agent = dataflow.service().configuration();
      TopicCreator.create(agent.kafka().clientProperties(), analytics(agent, 0).topics().all(), 1);
      progress("  warming up ...");
      phase(dataflow, cluster, habits, Optional.of(analytics(agent, 0)), warm);
      List<Phase> phases = new ArrayList<>();
      for (int i = 0; i < 2 * repetitions; i++) {
        // Alone, beside, beside, alone: what drifts weighs on both.
        boolean beside = i % 4 == 1 || i % 4 == 2;
        Phase phase =
            phase(
                dataflow,
                cluster,
                habits,
                beside ? Optional.of(analytics(agent, i + 1)) : Optional.empty(),
                seconds);
        if (phase.firstAudio().isEmpty()) {
          throw new BenchmarkException(
              "nobody heard anything within " + seconds + " s; expected longer --seconds");
        }
        progress(
            String.format(
                Locale.ROOT,
                "  %s: p99 %.0f ms of %d answers",
                name(phase),
                phase.p99(),
                phase.firstAudio().size()));
        phases.add(phase);
      }
      tell(report, agent, phases);
    }
  }

  private void check() {
    if (chunk < 10 || chunk > 1000) {
      throw new BenchmarkException("--chunk is " + chunk + "; expected 10 to 1000 ms");
    }
    if (conversations < 1 || repetitions < 1 || seconds < 5) {
      throw new BenchmarkException(
          "--conversations is "
              + conversations
              + ", --repetitions "
              + repetitions
              + " and --seconds "
              + seconds
              + "; expected at least 1, 1 and 5");
    }
  }

  /**
   * Call analytics on the agent's topics.
   *
   * @param time counts the jobs, each of which begins with what comes from then on
   */
  private CallAnalyticsConfiguration analytics(AgentConfiguration agent, int time) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("kafka.bootstrapServers", agent.kafka().bootstrapServers());
    all.put("kafka.groupId", "analytics-" + time);
    all.put("kafka.startingOffsets", "latest");
    all.put("topics.audioChunks", agent.topics().audioChunks());
    all.put("topics.completedTurns", agent.topics().completedTurns().orElseThrow());
    all.put("model.bundle", agent.model().bundle().toString());
    all.putAll(settings);
    return CallAnalyticsConfiguration.read(Optional.empty(), all);
  }

  private Phase phase(
      LocalDataflow dataflow,
      LocalFlink cluster,
      Workload habits,
      Optional<CallAnalyticsConfiguration> analytics,
      double measured)
      throws Exception {
    Optional<LocalFlink.RunningJob> job =
        analytics.map(
            beside -> {
              StreamExecutionEnvironment environment = cluster.environment();
              CallAnalyticsJob.define(environment, beside);
              return cluster.submit(environment, "analytics", PATIENCE);
            });
    try (CallerPopulation callers = new CallerPopulation(dataflow.client(), habits, recordings())) {
      callers.add(conversations, GROUP, settle);
      TimeUnit.MILLISECONDS.sleep((long) (1000 * settle));
      LoadStatistics figures = callers.figures();
      figures.restart();
      double cpu = CpuTime.seconds();
      long begin = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep((long) (1000 * measured));
      double cores = (CpuTime.seconds() - cpu) / ((System.nanoTime() - begin) / 1e9);
      Phase phase =
          new Phase(
              analytics.isPresent(),
              callers.name(),
              new AnswerIds(callers.name()),
              figures.firstAudio(GROUP),
              figures.counted("underruns"),
              figures.counted("unanswered"),
              cores);
      callers.keep(0);
      TimeUnit.SECONDS.sleep(REST);
      return phase;
    } finally {
      job.ifPresent(LocalFlink.RunningJob::cancel);
    }
  }

  private void tell(Report report, AgentConfiguration agent, List<Phase> phases) throws Exception {
    for (byte[] value : all(agent, agent.topics().completedTurns().orElseThrow())) {
      CompletedTurn turn = Records.decode(CompletedTurn.class, value, LARGEST);
      phases.forEach(phase -> phase.answers().add(turn));
    }
    Map<String, Integer> heard = heard(agent);
    AnswerIds first = phases.get(0).answers();
    int compared = 0;
    int equal = 0;
    for (Phase phase : phases) {
      AnswerIds.Common common = phase.answers().with(first);
      if (phase.beside()) {
        compared += common.compared();
        equal += common.equal();
      }
      report.row(
          "Conversations, in the order of their measurement",
          Report.row(
              "with the agent", name(phase),
              "answers", phase.firstAudio().size(),
              "first audio p50 ms", phase.p50(),
              "p95 ms", Percentiles.percentile(phase.firstAudio(), 0.95),
              "p99 ms", phase.p99(),
              "max ms", Percentiles.percentile(phase.firstAudio(), 1),
              "underruns", phase.underruns(),
              "unanswered", phase.unanswered(),
              "cores used", phase.cores(),
              "texts of analytics", heard.getOrDefault(phase.run(), 0),
              "answers that the first time has too", common.compared(),
              "of them with the same ids", common.equal()));
    }
    if (compared == 0) {
      throw new BenchmarkException(
          "no answer was whole alone and beside analytics; expected longer --seconds");
    }
    report.ratio(
        "p99 of first audio beside analytics / alone",
        percentile(phases, true, 0.99) / percentile(phases, false, 0.99),
        Target.atMost(1.1));
    report.ratio(
        "answers beside analytics with the ids that they have alone, of " + compared,
        equal / (double) compared,
        Target.atLeast(1));
    report.ratio(
        "p50 of first audio beside analytics / alone",
        percentile(phases, true, 0.5) / percentile(phases, false, 0.5));
    report.ratio("p99 beside analytics, ms", percentile(phases, true, 0.99));
    report.ratio("p99 alone, ms", percentile(phases, false, 0.99));
    report.ratio("cores that analytics takes", cores(phases, true) - cores(phases, false));
  }

  private static String name(Phase phase) {
    return phase.beside() ? "beside analytics" : "alone";
  }

  /** Of the first audio of all answers beside analytics or alone, in milliseconds. */
  private static double percentile(List<Phase> phases, boolean beside, double share) {
    return Percentiles.percentile(
        phases.stream()
            .filter(phase -> phase.beside() == beside)
            .flatMap(phase -> phase.firstAudio().stream())
            .toList(),
        share);
  }

  private static double cores(List<Phase> phases, boolean beside) {
    return phases.stream()
        .filter(phase -> phase.beside() == beside)
        .mapToDouble(Phase::cores)
        .average()
        .orElseThrow();
  }

  /** Final and partial texts of callers and agent that analytics wrote down, by run. */
  private Map<String, Integer> heard(AgentConfiguration agent) throws Exception {
    Map<String, Integer> heard = new HashMap<>();
    for (byte[] value : all(agent, analytics(agent, 0).topics().callSegments())) {
      CallSegment segment = Records.decode(CallSegment.class, value, LARGEST);
      heard.merge(CallerPopulation.nameIn(segment.getConversationId()), 1, Integer::sum);
    }
    return heard;
  }

  /** All that is committed to a topic. */
  private static List<byte[]> all(AgentConfiguration agent, String topic) {
    Properties properties = agent.kafka().clientProperties();
    properties.setProperty("isolation.level", "read_committed");
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          values.add(record.value());
        }
      }
    }
    return values;
  }
}
