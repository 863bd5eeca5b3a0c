package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

/** Whose word counts of Flink's options: the job's settings, the cluster, the job's defaults. */
class FlinkDefaultsTest {
  private static final String ATTEMPTS =
      RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS.key();

  @Test
  void defaultsCountWhereNobodySaysOtherwise() {
    StreamExecutionEnvironment environment = configured(Map.of(), Map.of());
    ReadableConfig options = environment.getConfiguration();
    DataflowConfiguration.LIVE.forEach(
        (key, value) -> assertThat(options.toMap()).containsEntry(key, value));
    assertThat(environment.getBufferTimeout()).isZero();
    assertThat(environment.getCheckpointInterval()).isEqualTo(1000);
    assertThat(environment.getCheckpointConfig().getTolerableCheckpointFailureNumber())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(environment.getMaxParallelism()).isEqualTo(4096);
  }

  @Test
  void theClusterKeepsItsOwn() {
    StreamExecutionEnvironment environment =
        configured(
            Map.of(
                CheckpointingOptions.CHECKPOINTING_INTERVAL.key(), "7 s",
                StateBackendOptions.STATE_BACKEND.key(), "rocksdb",
                RestartStrategyOptions.RESTART_STRATEGY.key(), "fixed-delay",
                CheckpointingOptions.CHECKPOINTS_DIRECTORY.key(), "file:///cluster"),
            Map.of(CheckpointingOptions.CHECKPOINTS_DIRECTORY.key(), "file:///job"));
    ReadableConfig options = environment.getConfiguration();
    assertThat(environment.getCheckpointInterval()).isEqualTo(7000);
    assertThat(options.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
    assertThat(options.get(RestartStrategyOptions.RESTART_STRATEGY)).isEqualTo("fixed-delay");
    assertThat(options.toMap()).as("a strategy is not mixed").doesNotContainKey(ATTEMPTS);
    assertThat(options.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
        .as("the job's own settings win")
        .isEqualTo("file:///job");
    assertThat(options.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT))
        .isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void pairsAreMadeWithoutHurryUnlessTheClusterSaysSo() {
    assertThat(FeedbackJob.defaults())
        .containsEntry(CheckpointingOptions.CHECKPOINTING_INTERVAL.key(), "10 s")
        .containsEntry(ATTEMPTS, DataflowConfiguration.LIVE.get(ATTEMPTS));
  }

  @Test
  void transactionsMustOutliveTheClustersCheckpoints() {
    AgentConfiguration configuration =
        AgentConfiguration.read(Optional.empty(), Map.of("kafka.transactionTimeout", "2m"));
    StreamExecutionEnvironment environment =
        environment(Map.of(CheckpointingOptions.CHECKPOINTING_TIMEOUT.key(), "5 min"));
    assertThatThrownBy(() -> new AgentDataflow().define(environment, configuration))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("kafka.transactionTimeout is \"120000ms\"");
  }

  private static StreamExecutionEnvironment configured(
      Map<String, String> cluster, Map<String, String> job) {
    Map<String, String> settings = new HashMap<>();
    job.forEach((key, value) -> settings.put("dataflow.flink." + key, value));
    StreamExecutionEnvironment environment = environment(cluster);
    AgentDataflow.configure(
        environment, AgentConfiguration.read(Optional.empty(), settings).dataflow());
    return environment;
  }

  private static StreamExecutionEnvironment environment(Map<String, String> cluster) {
    return StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(cluster));
  }
}
