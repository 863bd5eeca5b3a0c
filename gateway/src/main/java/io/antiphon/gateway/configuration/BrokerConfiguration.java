package io.antiphon.gateway.configuration;

import java.util.Map;
import java.util.Properties;

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
    Map<String, String> properties) {
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
}
