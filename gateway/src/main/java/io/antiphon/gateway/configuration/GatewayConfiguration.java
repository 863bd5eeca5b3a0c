package io.antiphon.gateway.configuration;

import io.antiphon.configuration.ConfigurationReader;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of the gateway. Names are those of the YAML file; defaults stand in the resource
 * {@code gateway.yaml}.
 *
 * @param management where health and metrics are served
 * @param publicUrl what callers see, such as {@code https://voice.example.org}; empty: the address
 *     that is listened on
 */
public record GatewayConfiguration(
    ListenConfiguration listen,
    ListenConfiguration management,
    Optional<String> publicUrl,
    BrokerConfiguration kafka,
    NodeConfiguration node,
    SecurityConfiguration security,
    LimitsConfiguration limits,
    RealtimeConfiguration realtime,
    TelephonesConfiguration telephones,
    ServedRecords dataflow)
    implements Section {
  private static final ConfigurationReader<GatewayConfiguration> READER =
      new ConfigurationReader<>(GatewayConfiguration.class, "gateway.yaml");

  /**
   * Reads a configuration.
   *
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("listen.port"), over the file
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem
   */
  public static GatewayConfiguration read(Optional<Path> file, Map<String, String> overrides) {
    return READER.read(file, overrides);
  }

  @Override
  public void check(Problems problems) {
    publicUrl.ifPresent(
        url ->
            problems.require(
                url.matches("https?://[^/?#]+"),
                "publicUrl",
                url,
                "http:// or https://, a host, perhaps a port, and nothing behind it"));
    problems.require(
        node.count() == 1 || security.secret().isPresent(),
        "security.secret",
        null,
        "a secret that all " + node.count() + " nodes share");
  }
}
