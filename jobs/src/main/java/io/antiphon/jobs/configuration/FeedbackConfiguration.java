package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of the feedback job. Names are those of the YAML file; the meaning and default of
 * each stand in the resource {@code feedback.yaml}, the only place that holds defaults.
 */
public record FeedbackConfiguration(
    KafkaConfiguration kafka,
    FeedbackTopicNames topics,
    Duration retention,
    ByteSize maximumRecordSize,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<FeedbackConfiguration> READER =
      new ConfigurationReader<>(FeedbackConfiguration.class, "feedback.yaml");

  private static final Duration LONGEST_RETENTION = Duration.ofDays(366);

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("kafka.groupId"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static FeedbackConfiguration read(Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    problems.require(
        retention.compareTo(Duration.ZERO) > 0 && retention.compareTo(LONGEST_RETENTION) <= 0,
        "retention",
        retention.toMillis() + "ms",
        "more than 0ms, at most 366 days (8784h)");
    if (maximumRecordSize.bytes() < 1024 || maximumRecordSize.bytes() > 8L << 20) {
      problems.add("maximumRecordSize", maximumRecordSize, "1KiB to 8MiB");
    }
  }
}
