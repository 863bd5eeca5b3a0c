package io.antiphon.jobs.configuration;

import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How the dataflow reaches Kafka.
 *
 * @param startingOffsets where reading starts when neither state nor offsets committed under {@code
 *     groupId} say it
 * @param transactionTimeout how long a transaction of completed turns may be open: longer than a
 *     checkpoint and the longest outage after which none of them may be lost, and no longer than
 *     the broker's {@code transaction.max.timeout.ms}
 * @param properties handed to every Kafka client as they are (security.protocol, sasl.jaas.config,
 *     ...)
 */
public record KafkaConfiguration(
    String bootstrapServers,
    String groupId,
    StartingOffsets startingOffsets,
    Duration transactionTimeout,
    Map<String, String> properties)
    implements Section {
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s,:]+:\\d{1,5}|\\[[0-9a-fA-F:.]+\\]:\\d{1,5}");

  /** Where a first start begins to read. */
  public enum StartingOffsets {
    EARLIEST,
    LATEST
  }

  /** Properties of any client: the bootstrap servers and what {@code properties} adds. */
  public Properties clientProperties() {
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("bootstrap.servers", bootstrapServers);
    return all;
  }

  /**
   * Whether transactions can outlive what lies between two checkpoints, by the job's own settings.
   *
   * @param section name of this one
   * @param defaults of Flink's options, where neither the settings nor the cluster give them
   */
  void checkTransactions(
      Problems problems,
      String section,
      DataflowConfiguration dataflow,
      Map<String, String> defaults) {
    try {
      requireTransactions(problems, section, dataflow.options(defaults, new Configuration()));
    } catch (IllegalArgumentException e) {
      // A value of dataflow.flink that Flink cannot read; it is told there.
    }
  }

  /**
   * The same by the options that Flink runs with, those of the cluster among them.
   *
   * @throws InvalidConfigurationException when they cannot
   */
  public void requireTransactions(ReadableConfig options) {
    Problems problems = new Problems();
    requireTransactions(problems, "kafka", options);
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(
          "the settings with those of the cluster", problems.sentences());
    }
  }

  private void requireTransactions(Problems problems, String section, ReadableConfig options) {
    Duration least = DataflowConfiguration.longestTransaction(options);
    problems.require(
        transactionTimeout.compareTo(least) > 0,
        section + ".transactionTimeout",
        transactionTimeout.toMillis() + "ms",
        "more than Flink's checkpointing interval, checkpointing timeout and restart delay together ("
            + least.toMillis()
            + "ms)");
  }

  @Override
  public void check(Problems problems) {
    boolean addresses = !bootstrapServers.isEmpty();
    for (String address : bootstrapServers.split(",", -1)) {
      addresses &= ADDRESS.matcher(address.trim()).matches();
    }
    problems.require(
        addresses,
        "bootstrapServers",
        bootstrapServers,
        "host:port, more than one separated by commas");
    problems.require(!groupId.isBlank(), "groupId", groupId, "a consumer group's name");
    for (String owned :
        new String[] {
          "bootstrap.servers",
          "group.id",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer",
          "transactional.id",
          "transaction.timeout.ms"
        }) {
      problems.require(
          !properties.containsKey(owned),
          "properties",
          owned,
          "no property that the dataflow sets itself (kafka.bootstrapServers, kafka.groupId, kafka.transactionTimeout)");
    }
  }
}
