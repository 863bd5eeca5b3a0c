package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of call analytics. Names are those of the YAML file; the meaning and default of
 * each stand in the resource {@code call-analytics.yaml}, the only place that holds defaults.
 */
public record CallAnalyticsConfiguration(
    KafkaConfiguration kafka,
    CallTopicNames topics,
    ModelConfiguration model,
    CallConfiguration calls,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<CallAnalyticsConfiguration> READER =
      new ConfigurationReader<>(CallAnalyticsConfiguration.class, "call-analytics.yaml");

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("kafka.groupId"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static CallAnalyticsConfiguration read(
      Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    // A transaction is opened at one checkpoint and committed after the next one.
    kafka.checkTransactions(problems, "kafka", dataflow, DataflowConfiguration.CALLS);
  }
}
