package io.antiphon.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.chaos.callers.CallerPool;
import io.antiphon.chaos.callers.CallerScript;
import io.antiphon.chaos.callers.ReceivedConversation;
import io.antiphon.chaos.callers.SpokenSample;
import io.antiphon.chaos.cluster.FlinkRest;
import io.antiphon.chaos.cluster.LocalCluster;
import io.antiphon.chaos.cluster.Polling;
import io.antiphon.chaos.comparison.AnswerComparator;
import io.antiphon.chaos.comparison.CommittedTurns;
import io.antiphon.chaos.faults.Fault;
import io.antiphon.chaos.faults.FaultInjector;
import io.antiphon.chaos.faults.FaultRound;
import io.antiphon.chaos.report.ChaosReport;
import io.antiphon.client.ConversationClient;
import io.antiphon.jobs.configuration.AgentConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A whole run: a cluster of its own, every script once undisturbed, then live conversations and one
 * fault after the other, at the end the comparison.
 */
public final class ChaosRun {
  private static final Duration START_PATIENCE = Duration.ofMinutes(3);
  private static final Duration CALLER_PATIENCE = Duration.ofMinutes(2);
  private static final Duration HEARD_PATIENCE = Duration.ofMinutes(4);

  private static final Duration COMMIT_PATIENCE = Duration.ofMinutes(2);

  /** After the cluster is as before: the moment of the fault is random. */
  private static final int SHORTEST_PAUSE_MILLIS = 500;

  private static final int LONGEST_PAUSE_MILLIS = 3000;

  private final ChaosSettings settings;
  private final Consumer<String> progress;
  private final Consumer<ChaosReport> interim;

  /**
   * @param progress takes a line at each step
   * @param interim takes what is known after each round, so that a run that is cut leaves it
   */
  public ChaosRun(
      ChaosSettings settings, Consumer<String> progress, Consumer<ChaosReport> interim) {
    this.settings = settings;
    this.progress = progress;
    this.interim = interim;
  }

  /**
   * @throws ChaosException if the cluster does not do what a run needs; what conversations suffered
   *     stands in the report
   */
  public ChaosReport run() throws IOException, InterruptedException {
    List<CallerScript> scripts =
        CallerScript.of(
            settings.seed(),
            scripts(settings.conversations()),
            SpokenSample.all(settings.root().resolve("samples")));
    try (LocalCluster cluster = new LocalCluster(settings.root(), settings.run(), settings.job())) {
      Thread stop = new Thread(cluster::close, "antiphon-chaos-stop");
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        return run(cluster, scripts);
      } finally {
        Runtime.getRuntime().removeShutdownHook(stop);
      }
    }
  }

  /** More than callers, so that those who speak at the same time are not always the same. */
  private static int scripts(int conversations) {
    return conversations + (conversations + 1) / 2;
  }

  /**
   * A send waits for a broker that is away; one that gave up before the broker is back would lose
   * its record before anything of the product has seen it.
   */
  private static Properties callerProperties(AgentConfiguration configuration) {
    Properties properties = new Properties();
    properties.putAll(configuration.kafka().clientProperties());
    properties.setProperty("max.block.ms", Long.toString(CALLER_PATIENCE.toMillis()));
    return properties;
  }

  private ChaosReport run(LocalCluster cluster, List<CallerScript> scripts)
      throws InterruptedException {
    progress.accept("Starting the cluster in " + settings.run() + " ...");
    cluster.start();
    cluster.submit(1, Optional.empty());
    FlinkRest rest = cluster.rest();
    Polling.until("the start of the job", START_PATIENCE, rest::running);
    AgentConfiguration configuration = cluster.configuration();
    try (ConversationClient client =
            new ConversationClient(callerProperties(configuration), configuration.topics());
        CommittedTurns completed = new CommittedTurns(configuration);
        CallerPool callers = new CallerPool(client, scripts.size(), scripts)) {
      progress.accept(scripts.size() + " conversations undisturbed ...");
      List<ReceivedConversation> baseline = callers.baseline();
      awaitCommitted(rest, completed);
      AnswerComparator judge = new AnswerComparator(baseline, completed);
      progress.accept(settings.conversations() + " live conversations ...");
      callers.begin(settings.conversations(), baseline);
      Polling.pause(settings.baseline());
      List<JsonNode> checkpoints = new ArrayList<>();
      List<FaultRound> rounds = rounds(cluster, rest, callers, judge, checkpoints);
      callers.finish();
      awaitCommitted(rest, completed);
      checkpoints.add(rest.checkpoints());
      return new ChaosReport(
          settings, judge.judge(callers.conversations(), true), rounds, checkpoints);
    }
  }

  /** Returns when all turns that are over are committed and read, those that came twice too. */
  private static void awaitCommitted(FlinkRest rest, CommittedTurns completed) {
    // Made here, as the job may make none by itself for long.
    rest.checkpoint(COMMIT_PATIENCE);
    // Flink commits when it has told all tasks of a checkpoint's end, which the next one follows.
    rest.checkpoint(COMMIT_PATIENCE);
    long now = System.nanoTime();
    Polling.until(
        "the reading of all completed turns", COMMIT_PATIENCE, () -> completed.caughtUpSince(now));
  }

  private List<FaultRound> rounds(
      LocalCluster cluster,
      FlinkRest rest,
      CallerPool callers,
      AnswerComparator judge,
      List<JsonNode> checkpoints) {
    FaultInjector injector = new FaultInjector(cluster, callers, settings.lag());
    Random random = new Random(settings.seed());
    List<FaultRound> rounds = new ArrayList<>();
    List<Fault> order = new ArrayList<>();
    while (rounds.size() < settings.rounds()) {
      if (order.isEmpty()) {
        order.addAll(settings.faults());
        Collections.shuffle(order, random);
      }
      int pause =
          SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS);
      Fault fault = order.remove(0);
      if (fault == Fault.KILL_JOB_MANAGER) {
        checkpoints.add(rest.checkpoints()); // it counts in its memory
      }
      Polling.pause(Duration.ofMillis(pause));
      rounds.add(round(rounds.size(), fault, injector, rest, callers));
      ChaosReport report =
          new ChaosReport(
              settings, judge.judge(callers.conversations(), false), rounds, checkpoints);
      progress.accept(report.line());
      interim.accept(report);
    }
    return rounds;
  }

  private FaultRound round(
      int number, Fault fault, FaultInjector injector, FlinkRest rest, CallerPool callers) {
    injector.prepare();
    Polling.holds(FaultInjector.MID_SENTENCE_PATIENCE, () -> callers.midSentence() > 0);
    int midSentence = callers.midSentence();
    long duplicates = callers.duplicates();
    long at = injector.inject(fault);
    long atMillis = System.currentTimeMillis() - (System.nanoTime() - at) / 1_000_000;
    Polling.until(
        "that all callers hear again after " + fault,
        HEARD_PATIENCE,
        () -> rest.running() && callers.heardSince(at + FaultRound.UNDER_WAY.toNanos()));
    long over = System.nanoTime();
    OptionalLong failure = fault.failsTheJob() ? rest.failureAfter(atMillis) : OptionalLong.empty();
    OptionalLong noticed =
        failure.isPresent()
            ? OptionalLong.of(failure.getAsLong() - atMillis)
            : OptionalLong.empty();
    injector.repair(fault, at);
    return new FaultRound(
        number, fault, at, over, noticed, midSentence, callers.duplicates() - duplicates);
  }
}
