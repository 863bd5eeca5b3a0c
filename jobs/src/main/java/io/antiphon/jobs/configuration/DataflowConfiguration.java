package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * How Flink runs the dataflow.
 *
 * @param maximumParallelism key groups of the state: no start from this state can have a larger
 *     parallelism, and savepoints keep the number
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
    int maximumParallelism,
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

  /** Flink's own bound. */
  private static final int LARGEST_MAXIMUM = 1 << 15;

  /** Where keyed state lies between checkpoints. */
  public enum StateBackend {
    HASHMAP,
    ROCKSDB
  }

  /** The same with another maximum parallelism. */
  public DataflowConfiguration withMaximumParallelism(int other) {
    return new DataflowConfiguration(
        parallelism,
        other,
        bufferTimeout,
        checkpointInterval,
        checkpointTimeout,
        unalignedCheckpoints,
        stateBackend,
        incrementalCheckpoints,
        checkpointDirectory,
        restartAttempts,
        restartDelay);
  }

  @Override
  public void check(Problems problems) {
    problems.require(
        parallelism >= 1 && parallelism <= 1024, "parallelism", parallelism, "1 to 1024");
    problems.require(
        maximumParallelism >= parallelism && maximumParallelism <= LARGEST_MAXIMUM,
        "maximumParallelism",
        maximumParallelism,
        "dataflow.parallelism to " + LARGEST_MAXIMUM);
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
