package io.antiphon.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.configuration.InvalidConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayConfigurationTest {
  private static final String HASH = "a".repeat(64);

  @Test
  void theDefaultsListenOnLoopbackAndLetNobodyIn() {
    GatewayConfiguration defaults = GatewayConfiguration.read(Optional.empty(), Map.of());
    assertThat(defaults.listen().host()).isEqualTo("127.0.0.1");
    assertThat(defaults.management().host()).isEqualTo("127.0.0.1");
    assertThat(defaults.security().keys()).isEmpty();
    assertThat(defaults.realtime().models()).containsExactly("nano");
    assertThat(defaults.node().count()).isEqualTo(1);
  }

  @Test
  void aFileAndOverridesAreReadTogether(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(
        file,
        """
        security:
          keys:
            shop: acme:%s
          origins: [https://shop.example.org, https://other.example.org]
        realtime:
          models: [nano, gpt-realtime]
        """
            .formatted(HASH));
    GatewayConfiguration read =
        GatewayConfiguration.read(
            Optional.of(file),
            Map.of("listen.port", "0", "realtime.voices", "anna, ben", "limits.stall", "3s"));
    assertThat(read.listen().port()).isZero();
    assertThat(read.security().keys()).containsEntry("shop", "acme:" + HASH);
    assertThat(read.security().origins()).hasSize(2);
    assertThat(read.realtime().voices()).containsExactly("anna", "ben");
    assertThat(read.limits().stall().toSeconds()).isEqualTo(3);
  }

  @Test
  void everyProblemIsToldAtOnceAndNoSecretIs() {
    InvalidConfigurationException refused =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () ->
                GatewayConfiguration.read(
                    Optional.empty(),
                    Map.of(
                        "listen.certificate", "/nowhere/certificate.pem",
                        "kafka.bootstrapServers", "nonsense",
                        "node.index", "3",
                        "node.count", "2",
                        "security.secret", "tooshort",
                        "security.keys.shop", "acme:sk-a-key-in-clear-text",
                        "security.tokenKeys", "keys.json",
                        "limits.silence", "1s",
                        "realtime.modles", "nano",
                        "publicUrl", "example.org")));
    assertThat(refused.problems())
        .anyMatch(p -> p.startsWith("listen.key "))
        .anyMatch(p -> p.startsWith("kafka.bootstrapServers "))
        .anyMatch(p -> p.startsWith("node.index "))
        .anyMatch(p -> p.startsWith("security.secret "))
        .anyMatch(p -> p.startsWith("security.keys.shop "))
        .anyMatch(p -> p.startsWith("security.tokenIssuer "))
        .anyMatch(p -> p.startsWith("limits.silence "))
        .anyMatch(p -> p.startsWith("realtime.modles ") && p.contains("models"))
        .anyMatch(p -> p.startsWith("publicUrl "));
    assertThat(refused.getMessage()).doesNotContain("sk-a-key").doesNotContain("tooshort");
  }
}
