package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of a replay with other rules. Names are those of the YAML file; the meaning and
 * default of each stand in the resource {@code call-replay.yaml}, the only place that holds
 * defaults.
 *
 * @param rules file with the rule set, where the job is submitted
 */
public record CallReplayConfiguration(
    KafkaConfiguration kafka,
    Topics topics,
    Path rules,
    ByteSize maximumRecordSize,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<CallReplayConfiguration> READER =
      new ConfigurationReader<>(CallReplayConfiguration.class, "call-replay.yaml");

  /** Names of the topics. */
  public record Topics(
      String callSegments, String callSummaries, String replayedSummaries, String deadLetters)
      implements Section {
    @Override
    public void check(Problems problems) {
      Map<String, String> names = new LinkedHashMap<>();
      names.put("callSegments", callSegments);
      names.put("callSummaries", callSummaries);
      names.put("replayedSummaries", replayedSummaries);
      names.put("deadLetters", deadLetters);
      TopicNames.check(problems, names);
    }
  }

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("kafka.groupId"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static CallReplayConfiguration read(Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    if (maximumRecordSize.bytes() < 1024 || maximumRecordSize.bytes() > 8L << 20) {
      problems.add("maximumRecordSize", maximumRecordSize, "1KiB to 8MiB");
    }
  }
}
