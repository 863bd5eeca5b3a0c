package io.antiphon.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityTest {
  private static final byte[] SECRET = "shared".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer("https://id.example.org")
        .audience("antiphon")
        .subject("anna")
        .claim("tenant", "acme")
        .expirationTime(Date.from(Instant.now().plusSeconds(60)));
  }

  private static String sign(ECKey key, JWTClaimsSet claims) throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  @Test
  void tokensOfTheProviderAreTakenAndNoOthers(@TempDir Path folder) throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    ECKey foreign = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    Path keys = folder.resolve("keys.json");
    Files.writeString(keys, new JWKSet(key.toPublicJWK()).toString());
    TokenVerifier verifier =
        new TokenVerifier(keys.toString(), "https://id.example.org", "antiphon", "tenant");
    assertThat(verifier.verify(sign(key, claims().build()))).contains(Principal.of("acme", "anna"));
    for (String wrong :
        List.of(
            sign(foreign, claims().build()),
            sign(key, claims().issuer("https://evil.example.org").build()),
            sign(key, claims().audience("other").build()),
            sign(key, claims().claim("tenant", null).build()),
            sign(key, claims().expirationTime(Date.from(Instant.now().minusSeconds(600))).build()),
            new PlainJWT(claims().build()).serialize(),
            "nonsense",
            "")) {
      assertThat(verifier.verify(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void aClientSecretHoldsItsSessionForItsTimeAndShowsNothing() {
    ClientSecrets secrets = new ClientSecrets(SECRET, Clock.fixed(NOW, ZoneOffset.UTC));
    ClientSecrets.Made made =
        secrets.make(
            Principal.of("acme", "shop"), "{\"instructions\":\"hush\"}", Duration.ofSeconds(60));
    assertThat(made.expiresAt()).isEqualTo(NOW.plusSeconds(60));
    assertThat(made.value()).startsWith("ek_").doesNotContain("hush").doesNotContain("acme");
    assertThat(secrets.find(made.value()))
        .hasValueSatisfying(
            principal -> {
              assertThat(principal.tenant()).isEqualTo("acme");
              assertThat(principal.session()).contains("{\"instructions\":\"hush\"}");
            });
    ClientSecrets later =
        new ClientSecrets(SECRET, Clock.fixed(NOW.plusSeconds(61), ZoneOffset.UTC));
    assertThat(later.find(made.value())).isEmpty();
    ClientSecrets foreign = new ClientSecrets(new byte[] {1}, Clock.fixed(NOW, ZoneOffset.UTC));
    assertThat(foreign.find(made.value())).isEmpty();
    for (int at = 3; at < made.value().length(); at += 7) {
      char other = made.value().charAt(at) == 'A' ? 'B' : 'A';
      String changed = made.value().substring(0, at) + other + made.value().substring(at + 1);
      assertThat(secrets.find(changed)).isEmpty();
    }
  }

  @Test
  void limitsAreCountedByTenant() throws Exception {
    AtomicLong now = new AtomicLong();
    TenantLimits limits = new TenantLimits(new TenantLimits.Allowance(2, 4, 10), now::get);
    limits.open("acme");
    limits.open("acme");
    assertThatThrownBy(() -> limits.open("acme")).hasMessageContaining("open sessions");
    limits.open("other");
    limits.close("acme", 0);
    limits.open("acme");
    limits.close("acme", 0);
    limits.open("acme");
    limits.close("acme", 0);
    assertThatThrownBy(() -> limits.open("acme")).hasMessageContaining("a minute");
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    limits.open("acme");
    limits.close("acme", Duration.ofMinutes(10).toNanos());
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThatThrownBy(() -> limits.open("acme")).hasMessageContaining("minutes of the day");
    now.addAndGet(Duration.ofDays(1).toNanos());
    limits.open("acme");
  }
}
