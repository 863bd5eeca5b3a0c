package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
    if (topics.completedTurns().isPresent()) {
      kafka.checkTransactions(problems, "kafka", dataflow, DataflowConfiguration.LIVE);
    }
  }
}
