package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * How Flink runs the dataflow.
 *
 * @param bufferTimeout how long a record may wait in a network buffer; every millisecond is heard
 * @param unalignedCheckpoints whether a checkpoint may overtake records that wait in network
 *     buffers
 * @param incrementalCheckpoints whether a checkpoint holds only what changed since the one before;
 *     {@link StateBackend#ROCKSDB} alone can
 * @param checkpointDirectory URI of a directory that survives the machine; none keeps checkpoints
 *     in the JobManager's memory
 * @param restartAttempts restarts in a row before the job is given up
 */
public record DataflowConfiguration(
    int parallelism,
    Duration bufferTimeout,
    Duration checkpointInterval,
    Duration checkpointTimeout,
    boolean unalignedCheckpoints,
    StateBackend stateBackend,
    boolean incrementalCheckpoints,
    Optional<String> checkpointDirectory,
    int restartAttempts,
    Duration restartDelay)
    implements Section {

  /** Where keyed state lies between checkpoints. */
  public enum StateBackend {
    HASHMAP,
    ROCKSDB
  }

  @Override
  public void check(Problems problems) {
    problems.require(
        parallelism >= 1 && parallelism <= 1024, "parallelism", parallelism, "1 to 1024");
    problems.require(
        bufferTimeout.compareTo(Duration.ofMillis(100)) <= 0,
        "bufferTimeout",
        bufferTimeout.toMillis() + "ms",
        "0 to 100ms");
    problems.require(
        checkpointInterval.compareTo(Duration.ofMillis(10)) >= 0,
        "checkpointInterval",
        checkpointInterval.toMillis() + "ms",
        "at least 10ms");
    problems.require(
        checkpointTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
        "checkpointTimeout",
        checkpointTimeout.toMillis() + "ms",
        "at least 1s");
    problems.require(
        checkpointDirectory.map(d -> d.matches("[a-z][a-z0-9+.-]*:/.+")).orElse(true),
        "checkpointDirectory",
        checkpointDirectory.orElse(""),
        "a URI such as file:///var/antiphon/checkpoints, or nothing");
    problems.require(restartAttempts >= 0, "restartAttempts", restartAttempts, "0 or more");
  }
}
