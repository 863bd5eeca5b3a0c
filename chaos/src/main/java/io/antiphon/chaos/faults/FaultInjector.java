package io.antiphon.chaos.faults;

import io.antiphon.chaos.ChaosException;
import io.antiphon.chaos.callers.CallerPool;
import io.antiphon.chaos.cluster.FlinkRest;
import io.antiphon.chaos.cluster.LocalCluster;
import io.antiphon.chaos.cluster.Polling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Does to the cluster what a fault says, and repairs it afterwards. */
public final class FaultInjector {
  private static final Duration SLOW = Duration.ofSeconds(10);
  private static final Duration RESCALED = Duration.ofSeconds(6);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** How long a fault waits for an answer to be in mid-sentence. */
  public static final Duration MID_SENTENCE_PATIENCE = Duration.ofSeconds(10);

  private static final int FAILED_CHECKPOINTS = 3;

  private final LocalCluster cluster;
  private final FlinkRest rest;
  private final CallerPool callers;
  private final ProcessFaults processes;
  private final Duration lag;

  /**
   * @param lag how long no TaskManager lives in {@link Fault#LAG_SOURCE}
   */
  public FaultInjector(LocalCluster cluster, CallerPool callers, Duration lag) {
    this.cluster = cluster;
    this.rest = cluster.rest();
    this.callers = callers;
    this.processes = new ProcessFaults(cluster);
    this.lag = lag;
  }

  /** Finds out what the next fault needs to know, so that the fault itself comes at its moment. */
  public void prepare() {
    processes.prepare();
  }

  /**
   * Returns when everything that the fault does is done; some of it takes its time.
   *
   * @return when it came, as {@link System#nanoTime()}
   */
  public long inject(Fault fault) {
    long at = System.nanoTime();
    switch (fault) {
      case KILL_TASK_MANAGER, STOP_TASK_MANAGER, KILL_JOB_MANAGER, KILL_BROKER ->
          processes.inject(fault);
      case FAIL_CHECKPOINTS -> {
        failCheckpoints();
        at = System.nanoTime();
        cluster.kill(processes.active());
      }
      case FILL_DISK -> fillDisk();
      case SLOW_CONSUMER -> {
        callers.gate().close();
        Polling.pause(SLOW);
        callers.gate().open();
      }
      case LAG_SOURCE -> lagSource();
      case RESCALE -> rescale();
    }
    return at;
  }

  /**
   * Brings the cluster back to where it was; call when the callers hear again.
   *
   * @param since the beginning of the fault, as {@link System#nanoTime()}
   */
  public void repair(Fault fault, long since) {
    processes.repair(fault, since);
    rest.awaitCheckpoints(1, PATIENCE);
  }

  /** A file in the place of the folder: no checkpoint can be written, those in it are not lost. */
  private void failCheckpoints() {
    Path folder = cluster.run().resolve("checkpoints").resolve(rest.id());
    Path aside = folder.resolveSibling("aside");
    int before = rest.checkpoints("failed");
    try {
      Files.move(folder, aside);
      Files.createFile(folder);
      awaitFailures(before);
      Polling.holds(MID_SENTENCE_PATIENCE, () -> callers.midSentence() > 0);
      Files.delete(folder);
      Files.move(aside, folder);
    } catch (IOException e) {
      throw new ChaosException("the checkpoints' folder cannot be moved: " + e.getMessage(), e);
    }
  }

  private void fillDisk() {
    int before = rest.checkpoints("failed");
    List<String> writers = List.of(LocalCluster.JOB_MANAGER, processes.active());
    writers.forEach(process -> cluster.limitFiles(process, "0"));
    awaitFailures(before);
    writers.forEach(process -> cluster.limitFiles(process, "unlimited"));
  }

  private void awaitFailures(int before) {
    Polling.until(
        "the failure of checkpoints",
        PATIENCE,
        () -> rest.checkpoints("failed") >= before + FAILED_CHECKPOINTS);
  }

  private void lagSource() {
    callers.hurry(true);
    LocalCluster.TASK_MANAGERS.forEach(cluster::kill);
    Polling.pause(lag);
    callers.hurry(false);
    cluster.start(LocalCluster.TASK_MANAGERS);
  }

  private void rescale() {
    for (int parallelism : new int[] {2, 1}) {
      String savepoint = rest.stop(PATIENCE);
      cluster.submit(parallelism, Optional.of(savepoint));
      Polling.until("the start of the job from its savepoint", PATIENCE, rest::running);
      Polling.pause(RESCALED);
    }
  }
}
