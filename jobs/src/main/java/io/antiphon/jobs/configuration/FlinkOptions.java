package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.configuration.StateLatencyTrackOptions;
import org.apache.flink.configuration.StateRecoveryOptions;

/** Which of Flink's options a job may set, and what their values are. */
final class FlinkOptions {
  /** Flink's classes of options that are read from a job. */
  private static final List<Class<?>> HOLDERS =
      List.of(
          CheckpointingOptions.class,
          ExecutionOptions.class,
          PipelineOptions.class,
          RestartStrategyOptions.class,
          StateBackendOptions.class,
          StateChangelogOptions.class,
          StateLatencyTrackOptions.class,
          StateRecoveryOptions.class);

  /** RocksDB's options are in a library that the cluster has; their values are not checked. */
  private static final String ROCKSDB = "state.backend.rocksdb.";

  /** What the dataflow sets or relies on, with what is expected in its place. */
  private static final Map<String, String> OWNED =
      Map.of(
          CoreOptions.DEFAULT_PARALLELISM.key(), "no value here but in dataflow.parallelism",
          PipelineOptions.MAX_PARALLELISM.key(), "no value here but in dataflow.maximumParallelism",
          PipelineOptions.OBJECT_REUSE.key(), "no value: messages are never copied",
          CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE.key(),
              "no value: completed turns leave exactly once",
          ExecutionOptions.RUNTIME_MODE.key(), "no value: conversations are a stream");

  private static final Map<String, ConfigOption<?>> KNOWN = known();

  private FlinkOptions() {}

  private static Map<String, ConfigOption<?>> known() {
    Map<String, ConfigOption<?>> known = new TreeMap<>();
    try {
      for (Class<?> holder : HOLDERS) {
        for (Field field : holder.getFields()) {
          if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
            ConfigOption<?> option = (ConfigOption<?>) field.get(null);
            known.put(option.key(), option);
          }
        }
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a public field of Flink cannot be read", e);
    }
    return known;
  }

  /** Every option that cannot be set in a job, and every value that is none of its option. */
  static void check(Problems problems, Map<String, String> options) {
    List<String> unknown = new ArrayList<>();
    new TreeMap<>(options)
        .forEach(
            (key, value) -> {
              if (OWNED.containsKey(key)) {
                problems.add("flink." + key, value, OWNED.get(key));
              } else if (KNOWN.containsKey(key)) {
                requireValue(problems, KNOWN.get(key), value);
              } else if (!key.startsWith(ROCKSDB)) {
                unknown.add(
                    "flink."
                        + key
                        + " is no option of a job; expected one of Flink's execution, pipeline,"
                        + " state and restart-strategy options; those of JobManager and"
                        + " TaskManager stand in the cluster's config.yaml");
              }
            });
    // Their values are not told: they may be secrets of the cluster.
    problems.addAll(new ConfigurationException("Flink's options", unknown));
  }

  private static void requireValue(Problems problems, ConfigOption<?> option, String value) {
    try {
      Configuration.fromMap(Map.of(option.key(), value)).get(option);
    } catch (IllegalArgumentException e) {
      problems.add("flink." + option.key(), value, "a value that Flink reads for this option");
    }
  }
}
