package io.antiphon.chaos.calls;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.chaos.ChaosException;
import io.antiphon.chaos.ChaosSettings;
import io.antiphon.chaos.callers.SpokenSample;
import io.antiphon.chaos.cluster.FlinkRest;
import io.antiphon.chaos.cluster.LocalCluster;
import io.antiphon.chaos.cluster.Polling;
import io.antiphon.chaos.faults.Fault;
import io.antiphon.chaos.faults.ProcessFaults;
import io.antiphon.jobs.CallAnalyticsJob;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.schemas.CallSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Call analytics on a cluster of processes: every script once undisturbed, then calls in real time
 * and one fault after the other. Each call that began must have one committed summary, the one of
 * its undisturbed twin.
 */
public final class CallChaosRun {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int SCRIPTS = 6;
  private static final String UNDISTURBED = "undisturbed-";
  private static final String LIVE = "live-";
  private static final int SHORTEST_PAUSE_MILLIS = 2000;
  private static final int LONGEST_PAUSE_MILLIS = 6000;

  private final ChaosSettings settings;
  private final int calls;
  private final Consumer<String> progress;

  /**
   * @param settings of which {@code conversations} is how many calls are held at the same time
   * @param calls how many begin in all
   * @param progress takes a line at each step
   */
  public CallChaosRun(ChaosSettings settings, int calls, Consumer<String> progress) {
    this.settings = settings;
    this.calls = calls;
    this.progress = progress;
  }

  /**
   * @throws ChaosException if the cluster does not do what a run needs; what became of the calls
   *     stands in the report
   */
  public CallChaosReport run() throws IOException {
    List<SpokenSample> samples = SpokenSample.all(settings.root().resolve("samples"));
    List<ScriptedCall> scripts = new ArrayList<>();
    for (int i = 0; i < SCRIPTS; i++) {
      scripts.add(ScriptedCall.of(settings.seed() * SCRIPTS + i, samples));
    }
    try (LocalCluster cluster = new LocalCluster(settings.root(), settings.run(), Map.of())) {
      Thread stop = new Thread(cluster::close, "antiphon-chaos-stop");
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        return run(cluster, scripts);
      } finally {
        Runtime.getRuntime().removeShutdownHook(stop);
      }
    }
  }

  private CallChaosReport run(LocalCluster cluster, List<ScriptedCall> scripts) throws IOException {
    progress.accept("Starting the cluster in " + settings.run() + " ...");
    cluster.start();
    Path file = configure(cluster);
    CallAnalyticsConfiguration configuration =
        CallAnalyticsConfiguration.read(Optional.of(file), Map.of());
    createTopics(configuration);
    cluster.submit(CallAnalyticsJob.class.getName(), file);
    FlinkRest rest = cluster.rest();
    Polling.until("the start of the job", PATIENCE, rest::running);
    try (CallProducers producers =
            new CallProducers(
                configuration.kafka().clientProperties(),
                configuration.topics().audioChunks(),
                PATIENCE);
        CommittedSummaries summaries =
            new CommittedSummaries(
                configuration.kafka().clientProperties(), configuration.topics().callSummaries())) {
      progress.accept(scripts.size() + " calls undisturbed ...");
      List<CallProducers.Named> undisturbed = named(UNDISTURBED, scripts, scripts.size());
      producers.sendNow(undisturbed);
      Polling.until(
          "the summaries of undisturbed calls",
          PATIENCE,
          () -> summaries.read(UNDISTURBED) == scripts.size());
      progress.accept(calls + " calls, " + settings.conversations() + " at the same time ...");
      List<CallProducers.Named> live = named(LIVE, scripts, calls);
      CompletableFuture<Void> sent = producers.sendLive(live, settings.conversations());
      List<CallChaosReport.Round> rounds = rounds(cluster, rest, sent);
      join(sent);
      Polling.holds(PATIENCE, () -> summaries.read(LIVE) == calls);
      // What would come twice comes with the next checkpoints at the latest.
      rest.checkpoint(PATIENCE);
      rest.checkpoint(PATIENCE);
      Polling.until("the reading of all summaries", PATIENCE, () -> summaries.caughtUp(LIVE));
      return report(live, scripts.size(), summaries, rounds);
    }
  }

  private static List<CallProducers.Named> named(
      String prefix, List<ScriptedCall> scripts, int count) {
    List<CallProducers.Named> named = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      named.add(new CallProducers.Named(prefix + i, scripts.get(i % scripts.size())));
    }
    return named;
  }

  private static void join(CompletableFuture<Void> sent) {
    try {
      sent.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof ChaosException known
          ? known
          : new ChaosException("the calls could not be sent: " + e.getCause(), e);
    }
  }

  private Path configure(LocalCluster cluster) throws IOException {
    ObjectNode settingsOfJob = JSON.createObjectNode();
    settingsOfJob
        .withObject("/kafka")
        .put("bootstrapServers", cluster.configuration().kafka().bootstrapServers())
        .put("startingOffsets", "earliest");
    settingsOfJob
        .withObject("/model")
        .put("bundle", settings.root().resolve("models/nano").toAbsolutePath().toString());
    settingsOfJob
        .withObject("/dataflow/flink")
        .put("execution.checkpointing.interval", "1s")
        .put("restart-strategy.exponential-delay.initial-backoff", "1 ms")
        .put("restart-strategy.exponential-delay.max-backoff", "20 ms")
        .put("restart-strategy.exponential-delay.attempts-before-reset-backoff", "1000000");
    settings.job().forEach((name, value) -> put(settingsOfJob, name, value));
    // JSON is YAML.
    return Files.writeString(
        cluster.run().resolve("call-analytics.yaml"), settingsOfJob.toPrettyString());
  }

  private static void put(ObjectNode settingsOfJob, String name, String value) {
    int last = name.lastIndexOf('.');
    if (last < 0) {
      throw new ChaosException(
          "the setting is " + name + "; expected section.name, such as calls.idleTimeout");
    }
    settingsOfJob
        .withObject("/" + name.substring(0, last).replace('.', '/'))
        .put(name.substring(last + 1), value);
  }

  private static void createTopics(CallAnalyticsConfiguration configuration) {
    try (Admin admin = Admin.create(configuration.kafka().clientProperties())) {
      for (String topic : configuration.topics().all()) {
        try {
          admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new ChaosException("topic " + topic + " cannot be made: " + e.getCause(), e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("the run was interrupted", e);
    }
  }

  /** As many faults as asked for, while calls are being held. */
  private List<CallChaosReport.Round> rounds(
      LocalCluster cluster, FlinkRest rest, CompletableFuture<Void> sent) {
    ProcessFaults processes = new ProcessFaults(cluster);
    Random random = new Random(settings.seed());
    List<CallChaosReport.Round> rounds = new ArrayList<>();
    while (rounds.size() < settings.rounds() && !sent.isDone()) {
      Polling.pause(
          Duration.ofMillis(
              SHORTEST_PAUSE_MILLIS
                  + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS)));
      Fault fault = settings.faults().get(rounds.size() % settings.faults().size());
      processes.prepare();
      long at = System.nanoTime();
      processes.inject(fault);
      if (fault.failsTheJob()) {
        Polling.until("that the job notices", PATIENCE, () -> !rest.running() || processes.moved());
      }
      Polling.until("that the job runs again after " + fault, PATIENCE, rest::running);
      long millis = (System.nanoTime() - at) / 1_000_000;
      rounds.add(new CallChaosReport.Round(fault, millis));
      progress.accept(fault + ": running again after " + millis + " ms");
      processes.repair(fault, at);
    }
    return rounds;
  }

  private CallChaosReport report(
      List<CallProducers.Named> live,
      int scripts,
      CommittedSummaries summaries,
      List<CallChaosReport.Round> rounds) {
    List<String> problems = new ArrayList<>();
    if (rounds.size() < settings.rounds()) {
      problems.add(
          "the calls were over after " + rounds.size() + " of " + settings.rounds() + " faults");
    }
    int found = 0;
    long millis = 0;
    Set<String> known = new HashSet<>();
    for (int i = 0; i < live.size(); i++) {
      String id = live.get(i).id();
      known.add(id);
      known.add(UNDISTURBED + i % scripts);
      millis += live.get(i).call().millis();
      List<CallSummary> of = summaries.of(id);
      found += of.size();
      CallSummary expected =
          CallSummary.newBuilder(summaries.of(UNDISTURBED + i % scripts).get(0))
              .setConversationId(id)
              .build();
      if (of.size() != 1) {
        problems.add(id + " has " + of.size() + " summaries; expected one");
      } else if (!of.get(0).equals(expected)) {
        problems.add(id + " has " + of.get(0) + "; undisturbed it is " + expected);
      }
    }
    for (String id : summaries.calls()) {
      if (!known.contains(id) && !id.startsWith(UNDISTURBED)) {
        problems.add(id + " has a summary and never began");
      }
    }
    return new CallChaosReport(live.size(), found, millis / 1000, rounds, problems);
  }
}
