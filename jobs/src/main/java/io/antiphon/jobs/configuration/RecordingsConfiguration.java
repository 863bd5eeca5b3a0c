package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of call analytics over recordings. Names are those of the YAML file; the meaning
 * and default of each stand in the resource {@code recordings.yaml}, the only place that holds
 * defaults.
 */
public record RecordingsConfiguration(
    Recordings recordings,
    KafkaConfiguration kafka,
    CallOutputTopics topics,
    ModelConfiguration model,
    CallConfiguration calls,
    DataflowConfiguration dataflow)
    implements Section {
  private static final ConfigurationReader<RecordingsConfiguration> READER =
      new ConfigurationReader<>(RecordingsConfiguration.class, "recordings.yaml");

  /**
   * What is read.
   *
   * @param folders whose files are read, and those of folders within them; paths of any file system
   *     that Flink knows
   * @param watch how often the folders are looked at for new files; zero: once, and the job ends
   * @param channels roles by channel of a recording of two
   * @param rules file with the rule set, where the job is submitted; none for no rules
   */
  public record Recordings(
      List<String> folders, Duration watch, List<String> channels, Optional<Path> rules)
      implements Section {
    @Override
    public void check(Problems problems) {
      problems.require(!folders.isEmpty(), "folders", folders, "at least one folder");
      problems.require(
          watch.isZero() || watch.compareTo(Duration.ofSeconds(1)) >= 0,
          "watch",
          watch,
          "0s, or 1s or more");
      problems.require(
          channels.size() == 2
              && new HashSet<>(channels).size() == 2
              && channels.stream().noneMatch(String::isBlank),
          "channels",
          channels,
          "two different roles, such as AGENT,CUSTOMER");
    }
  }

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("kafka.groupId"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public static RecordingsConfiguration read(Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    kafka.checkTransactions(problems, "kafka", dataflow, DataflowConfiguration.CALLS);
  }
}
