package io.antiphon.jobs.configuration;

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

  /** The same configuration for a broker whose topics are new: everything in them is read. */
  public AgentConfiguration withNewTopicsAt(String bootstrapServers) {
    return withKafka(
        new KafkaConfiguration(
            bootstrapServers,
            kafka.groupId(),
            KafkaConfiguration.StartingOffsets.EARLIEST,
            kafka.properties()));
  }

  /** The same configuration for another broker. */
  public AgentConfiguration withBootstrapServers(String bootstrapServers) {
    return withKafka(
        new KafkaConfiguration(
            bootstrapServers, kafka.groupId(), kafka.startingOffsets(), kafka.properties()));
  }

  private AgentConfiguration withKafka(KafkaConfiguration other) {
    return new AgentConfiguration(other, topics, model, conversations, dataflow);
  }

  @Override
  public void check(Problems problems) {}
}
