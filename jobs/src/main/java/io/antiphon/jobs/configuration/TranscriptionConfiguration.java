package io.antiphon.jobs.configuration;

import io.antiphon.analytics.calls.TextSource;
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
 * Every setting of real-time transcription. Names are those of the YAML file; the meaning and
 * default of each stand in the resource {@code transcription.yaml}, the only place that holds
 * defaults.
 */
public record TranscriptionConfiguration(
    KafkaConfiguration kafka,
    Topics topics,
    ModelConfiguration model,
    CallConfiguration calls,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<TranscriptionConfiguration> READER =
      new ConfigurationReader<>(TranscriptionConfiguration.class, "transcription.yaml");

  /** Names of the topics. */
  public record Topics(String audioChunks, String transcripts, String deadLetters)
      implements Section {
    @Override
    public void check(Problems problems) {
      Map<String, String> names = new LinkedHashMap<>();
      names.put("audioChunks", audioChunks);
      names.put("transcripts", transcripts);
      names.put("deadLetters", deadLetters);
      TopicNames.check(problems, names);
    }
  }

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("kafka.groupId"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static TranscriptionConfiguration read(
      Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    problems.require(
        calls.summary() == TextSource.TEMPLATE,
        "calls.summary",
        calls.summary(),
        "template: no summaries are written");
  }
}
