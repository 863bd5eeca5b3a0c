package io.antiphon.gateway.phone;

import io.antiphon.gateway.configuration.BrokerConfiguration;
import io.antiphon.gateway.configuration.DataflowConfiguration;
import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.configuration.LimitsConfiguration;
import io.antiphon.gateway.configuration.ListenConfiguration;
import io.antiphon.gateway.configuration.NodeConfiguration;
import io.antiphon.gateway.configuration.RealtimeConfiguration;
import io.antiphon.gateway.configuration.SecurityConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations of tests that need no broker: loopback, free ports. */
final class Configurations {
  private Configurations() {}

  static ListenConfiguration listen() {
    return new ListenConfiguration("127.0.0.1", 0, Optional.empty(), Optional.empty(), false);
  }

  static GatewayConfiguration local() {
    return new GatewayConfiguration(
        listen(),
        listen(),
        Optional.empty(),
        new BrokerConfiguration(
            "127.0.0.1:1", "audio-chunks", "text-responses", "speech-responses", Map.of()),
        new NodeConfiguration(0, 1),
        new SecurityConfiguration(
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "tenant",
            List.of()),
        new LimitsConfiguration(
            100,
            0,
            0,
            0,
            Duration.ofMinutes(60),
            8 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1)),
        new RealtimeConfiguration(List.of(), List.of(), Duration.ofSeconds(60), 1 << 24),
        new DataflowConfiguration(false, false, false, false, false, false, false));
  }
}
