package io.antiphon.chaos.faults;

import io.antiphon.chaos.ChaosException;
import io.antiphon.chaos.cluster.FlinkRest;
import io.antiphon.chaos.cluster.LocalCluster;
import io.antiphon.chaos.cluster.Polling;
import java.time.Duration;
import java.util.List;

/** The faults of a cluster's processes, whatever job runs on it, and their repair. */
public final class ProcessFaults {
  /** Those that can be injected here. */
  public static final List<Fault> FAULTS =
      List.of(
          Fault.KILL_TASK_MANAGER,
          Fault.STOP_TASK_MANAGER,
          Fault.KILL_JOB_MANAGER,
          Fault.KILL_BROKER);

  private static final Duration STOPPED = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final LocalCluster cluster;
  private final FlinkRest rest;

  /** The TaskManager that ran the job when the latest fault began; empty before the first. */
  private String active = "";

  public ProcessFaults(LocalCluster cluster) {
    this.cluster = cluster;
    this.rest = cluster.rest();
  }

  /** Finds out what the next fault needs to know, so that the fault itself comes at its moment. */
  public void prepare() {
    Polling.until(
        "that one TaskManager runs the job",
        PATIENCE,
        () -> rest.running() && rest.busyTaskManager().isPresent());
    active = rest.busyTaskManager().orElseThrow();
  }

  /** The TaskManager that ran the job at {@link #prepare()}. */
  public String active() {
    return active;
  }

  /** Whether another TaskManager runs the job by now. */
  public boolean moved() {
    return rest.busyTaskManager().filter(now -> !now.equals(active)).isPresent();
  }

  /**
   * @throws ChaosException for a fault that is none of {@link #FAULTS}
   */
  public void inject(Fault fault) {
    switch (fault) {
      case KILL_TASK_MANAGER -> cluster.kill(active);
      case STOP_TASK_MANAGER -> cluster.signal(active, "STOP");
      case KILL_JOB_MANAGER -> restart(LocalCluster.JOB_MANAGER);
      case KILL_BROKER -> restart(LocalCluster.BROKER);
      default ->
          throw new ChaosException("the fault is " + fault + "; of processes there are " + FAULTS);
    }
  }

  /**
   * Brings all processes back, whatever the fault was: both TaskManagers are there and the job runs
   * when it returns.
   *
   * @param since the beginning of the fault, as {@link System#nanoTime()}
   */
  public void repair(Fault fault, long since) {
    if (fault == Fault.STOP_TASK_MANAGER) {
      Duration left = STOPPED.minusNanos(System.nanoTime() - since);
      if (!left.isNegative()) {
        Polling.pause(left);
      }
      cluster.signal(active, "CONT");
    }
    cluster.start(LocalCluster.TASK_MANAGERS);
    Polling.until(
        "the registration of both TaskManagers",
        PATIENCE,
        () -> rest.taskManagers() == LocalCluster.TASK_MANAGERS.size() && rest.running());
  }

  private void restart(String process) {
    cluster.kill(process);
    cluster.start(List.of(process));
  }
}
