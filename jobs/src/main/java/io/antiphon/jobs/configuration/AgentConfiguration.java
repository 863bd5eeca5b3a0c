package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Every setting of the dataflow. Names are those of the YAML file; the meaning and default of each
 * stand in the resource {@code agent.yaml}, the only place that holds defaults.
 *
 * <p>Instances that {@link ConfigurationReader} returns are valid as a whole.
 */
public record AgentConfiguration(
    KafkaConfiguration kafka,
    TopicNames topics,
    ModelConfiguration model,
    ConversationConfiguration conversations,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<AgentConfiguration> READER =
      new ConfigurationReader<>(AgentConfiguration.class, "agent.yaml");

  /** The defaults. */
  public static AgentConfiguration defaults() {
    return READER.defaults();
  }

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("model.rows"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static AgentConfiguration read(Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  /** The same configuration for a broker whose topics are new: everything in them is read. */
  public AgentConfiguration withNewTopicsAt(String bootstrapServers) {
    return withKafka(
        new KafkaConfiguration(
            bootstrapServers,
            kafka.groupId(),
            KafkaConfiguration.StartingOffsets.EARLIEST,
            kafka.transactionTimeout(),
            kafka.properties()));
  }

  /** The same configuration for another broker. */
  public AgentConfiguration withBootstrapServers(String bootstrapServers) {
    return withKafka(
        new KafkaConfiguration(
            bootstrapServers,
            kafka.groupId(),
            kafka.startingOffsets(),
            kafka.transactionTimeout(),
            kafka.properties()));
  }

  /** The same configuration with so many key groups. */
  public AgentConfiguration withMaximumParallelism(int maximumParallelism) {
    return new AgentConfiguration(
        kafka, topics, model, conversations, dataflow.withMaximumParallelism(maximumParallelism));
  }

  private AgentConfiguration withKafka(KafkaConfiguration other) {
    return new AgentConfiguration(other, topics, model, conversations, dataflow);
  }

  @Override
  public void check(Problems problems) {
    // A transaction is opened at one checkpoint and committed after the next one.
    try {
      checkTransactions(
          problems, dataflow.options(DataflowConfiguration.LIVE, new Configuration()));
    } catch (IllegalArgumentException e) {
      // A value of dataflow.flink that Flink cannot read; it is told there.
    }
  }

  /**
   * Whether transactions of completed turns can outlive what lies between two checkpoints.
   *
   * @param options of Flink, as the job runs with them
   * @throws InvalidConfigurationException when they cannot
   */
  public void requireTransactions(ReadableConfig options) {
    Problems problems = new Problems();
    checkTransactions(problems, options);
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(
          "the settings with those of the cluster", problems.sentences());
    }
  }

  private void checkTransactions(Problems problems, ReadableConfig options) {
    Duration least = DataflowConfiguration.longestTransaction(options);
    problems.require(
        topics.completedTurns().isEmpty() || kafka.transactionTimeout().compareTo(least) > 0,
        "kafka.transactionTimeout",
        kafka.transactionTimeout().toMillis() + "ms",
        "more than Flink's checkpointing interval, checkpointing timeout and restart delay together ("
            + least.toMillis()
            + "ms)");
  }
}
