package io.antiphon.chaos.faults;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What is done to a cluster while conversations are held on it. */
public enum Fault {
  /** SIGKILL of the TaskManager that runs the job. */
  KILL_TASK_MANAGER("kill-taskmanager", true),
  /** SIGSTOP of the TaskManager that runs the job, SIGCONT half a minute later. */
  STOP_TASK_MANAGER("stop-taskmanager", true),
  /** SIGKILL of the JobManager, which is started again at once. */
  KILL_JOB_MANAGER("kill-jobmanager", false),
  /** SIGKILL of the broker, which is started again at once. */
  KILL_BROKER("kill-broker", false),
  /** The checkpoints' folder is no folder for some checkpoints; then the TaskManager is killed. */
  FAIL_CHECKPOINTS("fail-checkpoints", true),
  /** No process of Flink can write into files for some checkpoints, as on a full disk. */
  FILL_DISK("fill-disk", false),
  /** Nobody reads the answers for ten seconds. */
  SLOW_CONSUMER("slow-consumer", false),
  /** No TaskManager lives for long while callers go on asking without waiting for answers. */
  LAG_SOURCE("lag-source", true),
  /** Stopped with a savepoint and started from it with parallelism 2, then with 1 again. */
  RESCALE("rescale", false);

  private final String text;
  private final boolean failsTheJob;

  Fault(String text, boolean failsTheJob) {
    this.text = text;
    this.failsTheJob = failsTheJob;
  }

  /** Whether the JobManager notices it as a failure of the job. */
  public boolean failsTheJob() {
    return failsTheJob;
  }

  /**
   * @throws IllegalArgumentException that names all faults
   */
  public static Fault of(String text) {
    return Arrays.stream(values())
        .filter(fault -> fault.text.equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the fault is \""
                        + text
                        + "\"; expected one of "
                        + Arrays.stream(values())
                            .map(Fault::toString)
                            .collect(Collectors.joining(", "))));
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return text;
  }
}
