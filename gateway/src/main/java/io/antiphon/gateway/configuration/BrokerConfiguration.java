package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * How the gateway reaches Kafka.
 *
 * @param properties handed to every Kafka client as they are (security.protocol, ...)
 */
public record BrokerConfiguration(
    String bootstrapServers,
    String audioChunks,
    String textResponses,
    String speechResponses,
    Map<String, String> properties)
    implements Section {
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s,:]+:\\d{1,5}|\\[[0-9a-fA-F:.]+\\]:\\d{1,5}");

  public BrokerConfiguration {
    properties = Map.copyOf(properties);
  }

  /** Properties of any client. */
  public Properties clientProperties() {
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("bootstrap.servers", bootstrapServers);
    return all;
  }

  @Override
  public String toString() {
    return "BrokerConfiguration[" + bootstrapServers + ", properties=" + properties.keySet() + "]";
  }

  @Override
  public void check(Problems problems) {
    boolean addresses = true;
    for (String address : bootstrapServers.split(",", -1)) {
      addresses &= ADDRESS.matcher(address.strip()).matches();
    }
    problems.require(
        addresses,
        "bootstrapServers",
        bootstrapServers,
        "host:port, more than one separated by commas");
    problems.require(!audioChunks.isBlank(), "audioChunks", audioChunks, "a topic's name");
    problems.require(!textResponses.isBlank(), "textResponses", textResponses, "a topic's name");
    problems.require(
        !speechResponses.isBlank(), "speechResponses", speechResponses, "a topic's name");
  }
}
