package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;

/**
 * How Flink runs the dataflow.
 *
 * @param maximumParallelism key groups of the state: no start from this state can have a larger
 *     parallelism, and savepoints keep the number
 * @param flink Flink's own options, over those of the cluster
 */
public record DataflowConfiguration(
    int parallelism, int maximumParallelism, Map<String, String> flink) implements Section {

  /** Flink's own bound. */
  private static final int LARGEST_MAXIMUM = 1 << 15;

  /** What a job of live conversations has where neither {@link #flink} nor the cluster says it. */
  public static final Map<String, String> LIVE = live();

  /** Of call analytics: a checkpoint writes the transcripts of all calls that changed. */
  public static final Map<String, String> CALLS =
      with(LIVE, CheckpointingOptions.CHECKPOINTING_INTERVAL, "5 s");

  private static Map<String, String> with(
      Map<String, String> others, ConfigOption<?> option, String value) {
    Map<String, String> options = new LinkedHashMap<>(others);
    put(options, option, value);
    return Map.copyOf(options);
  }

  private static Map<String, String> live() {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, ExecutionOptions.BUFFER_TIMEOUT, "0 ms");
    put(options, CheckpointingOptions.CHECKPOINTING_INTERVAL, "1 s");
    put(options, CheckpointingOptions.CHECKPOINTING_TIMEOUT, "1 min");
    // A failed checkpoint must not cut live conversations: the next one may succeed, and a restart
    // only goes back further. Flink counts and reports failed checkpoints for those who watch.
    put(options, CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, "2147483647");
    put(options, CheckpointingOptions.INCREMENTAL_CHECKPOINTS, "true");
    put(options, RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    put(
        options,
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        "500 ms");
    put(options, RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, "10 s");
    put(options, RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, "10");
    // "In a row" ends when the job has run well for a minute.
    put(
        options,
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        "1 min");
    return Map.copyOf(options);
  }

  private static void put(Map<String, String> options, ConfigOption<?> option, String value) {
    options.put(option.key(), value);
  }

  /** The same with another maximum parallelism. */
  public DataflowConfiguration withMaximumParallelism(int other) {
    return new DataflowConfiguration(parallelism, other, flink);
  }

  /**
   * What the job sets: {@link #flink}, and of its defaults those that the cluster leaves open. A
   * restart strategy is taken as a whole: that of the cluster is not mixed with the default one.
   *
   * @param cluster the configuration that Flink was started with
   */
  public Configuration options(Map<String, String> defaults, ReadableConfig cluster) {
    Map<String, String> given = new LinkedHashMap<>(cluster.toMap());
    given.putAll(flink);
    boolean strategy = given.containsKey(RestartStrategyOptions.RESTART_STRATEGY.key());
    Map<String, String> all = new LinkedHashMap<>(flink);
    defaults.forEach(
        (key, value) -> {
          boolean taken = strategy && key.startsWith("restart-strategy");
          if (!given.containsKey(key) && !taken) {
            all.put(key, value);
          }
        });
    return Configuration.fromMap(all);
  }

  /** How long a transaction is open between two checkpoints and over a restart, by the options. */
  public static Duration longestTransaction(ReadableConfig options) {
    return options
        .get(CheckpointingOptions.CHECKPOINTING_INTERVAL)
        .plus(options.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT))
        .plus(
            options.get(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF));
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
    FlinkOptions.check(problems, flink);
  }
}
