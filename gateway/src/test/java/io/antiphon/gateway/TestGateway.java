package io.antiphon.gateway;

import io.antiphon.configuration.ByteSize;
import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.BrokerConfiguration;
import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.configuration.LimitsConfiguration;
import io.antiphon.gateway.configuration.ListenConfiguration;
import io.antiphon.gateway.configuration.NodeConfiguration;
import io.antiphon.gateway.configuration.RealtimeConfiguration;
import io.antiphon.gateway.configuration.SecurityConfiguration;
import io.antiphon.gateway.configuration.ServedRecords;
import io.antiphon.gateway.configuration.TelephonesConfiguration;
import io.antiphon.gateway.security.Hashes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations of tests: loopback, free ports, a key for each of two tenants. */
public final class TestGateway {
  public static final String KEY = "sk-test-acme";
  public static final String OTHER_KEY = "sk-test-other";
  public static final String SECRET = "a secret of the tests that is long enough";

  private TestGateway() {}

  public static GatewayConfiguration configuration(
      String bootstrapServers, Optional<Path> certificate, Optional<Path> key) {
    return configuration(bootstrapServers, certificate, key, new NodeConfiguration(0, 1));
  }

  /** One node of several. */
  public static GatewayConfiguration node(String bootstrapServers, int index, int count) {
    return configuration(
        bootstrapServers, Optional.empty(), Optional.empty(), new NodeConfiguration(index, count));
  }

  private static GatewayConfiguration configuration(
      String bootstrapServers,
      Optional<Path> certificate,
      Optional<Path> key,
      NodeConfiguration node) {
    return new GatewayConfiguration(
        new ListenConfiguration("127.0.0.1", 0, certificate, key, false),
        new ListenConfiguration("127.0.0.1", 0, Optional.empty(), Optional.empty(), false),
        Optional.empty(),
        new BrokerConfiguration(
            bootstrapServers, "audio-chunks", "text-responses", "speech-responses", Map.of()),
        node,
        new SecurityConfiguration(
            Optional.of(SECRET),
            Map.of(
                "acme-test", "acme:" + Hashes.sha256(KEY),
                "other-test", "other:" + Hashes.sha256(OTHER_KEY)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "tenant",
            List.of()),
        limits(0),
        new RealtimeConfiguration(
            List.of("nano"), List.of(), Duration.ofSeconds(60), ByteSize.parse("16MiB")),
        new TelephonesConfiguration(AudioSocketConfiguration.LOOPBACK, Map.of()),
        new ServedRecords(true, true, true, true, true, true, true));
  }

  public static LimitsConfiguration limits(int sessions) {
    return new LimitsConfiguration(
        10_000,
        sessions,
        0,
        0,
        Duration.ofMinutes(60),
        ByteSize.parse("8MiB"),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        Duration.ofSeconds(1));
  }
}
