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

  @Test
  void trunksHaveTheirDefaultsAndTellEveryProblemWithoutASecret(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(
        file,
        """
        telephones:
          trunks:
            support:
              provider: twilio
              tenant: acme
              authToken: twilio-secret
              silence: 800ms
            branch-7:
              provider: asterisk
              tenant: acme
              keySha256: %s
        """
            .formatted(HASH));
    GatewayConfiguration read = GatewayConfiguration.read(Optional.of(file), Map.of());
    assertThat(read.telephones().trunks()).containsOnlyKeys("support", "branch-7");
    TrunkConfiguration support = read.telephones().trunks().get("support");
    assertThat(support.provider()).contains(TrunkConfiguration.Provider.TWILIO);
    assertThat(support.authToken()).contains("twilio-secret");
    assertThat(support.silence().toMillis()).isEqualTo(800);
    assertThat(support.prefix().toMillis()).isEqualTo(300);
    assertThat(support.interruptsAnswer()).isTrue();
    assertThat(read.toString()).doesNotContain("twilio-secret").doesNotContain(HASH);

    Files.writeString(
        file,
        """
        telephones:
          trunks:
            "two words": {provider: twilio, tenant: acme}
            signed: {provider: asterisk, tenant: acme, authToken: twilio-secret}
            plain: {provider: genesys, tenant: "", keySha256: genesys-key}
            socket: {provider: audiosocket, tenant: acme}
            second: {provider: audiosocket, tenant: acme, silence: 5ms}
            unknown: {provider: pigeon, tenant: acme}
            misspelt: {provider: twilio, tenant: acme, autToken: twilio-secret}
            text: twilio
        """);
    InvalidConfigurationException refused =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () -> GatewayConfiguration.read(Optional.of(file), Map.of()));
    assertThat(refused.problems())
        .anyMatch(p -> p.startsWith("telephones.trunks.two words is "))
        .anyMatch(p -> p.startsWith("telephones.trunks.two words.authToken is empty"))
        .anyMatch(p -> p.startsWith("telephones.trunks.signed.authToken is "))
        .anyMatch(p -> p.startsWith("telephones.trunks.signed.keySha256 is empty"))
        .anyMatch(p -> p.startsWith("telephones.trunks.plain.tenant is "))
        .anyMatch(p -> p.startsWith("telephones.trunks.plain.keySha256 is "))
        .anyMatch(p -> p.startsWith("telephones.trunks is \"2 of audiosocket\""))
        .anyMatch(p -> p.startsWith("telephones.trunks.second.silence is "))
        .anyMatch(p -> p.startsWith("telephones.trunks.unknown.provider is \"pigeon\""))
        .anyMatch(
            p ->
                p.startsWith("telephones.trunks.misspelt.autToken is not a setting")
                    && p.contains("authToken"))
        .anyMatch(p -> p.startsWith("telephones.trunks.text is \"twilio\""));
    assertThat(refused.getMessage()).doesNotContain("twilio-secret").doesNotContain("genesys-key");
  }
}
