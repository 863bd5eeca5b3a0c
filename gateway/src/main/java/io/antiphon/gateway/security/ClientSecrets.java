package io.antiphon.gateway.security;

import com.nimbusds.jose.CompressionAlgorithm;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Short-lived secrets for browsers: an encrypted token that holds tenant and session, so that any
 * node with the same secret takes it and its bearer cannot read it. Thread safe.
 */
public final class ClientSecrets {
  /** What client secrets begin with. */
  public static final String PREFIX = "ek_";

  private final byte[] key;
  private final Clock clock;

  /**
   * @param secret shared by all nodes
   */
  public ClientSecrets(byte[] secret, Clock clock) {
    this.key = Hashes.derive(secret, "client-secrets");
    this.clock = clock;
  }

  /** A secret and its end. */
  public record Made(String value, Instant expiresAt) {}

  /**
   * Makes a secret.
   *
   * @param session configuration that sessions begin with, as JSON
   */
  public Made make(Principal principal, String session, Duration life) {
    Instant end = clock.instant().plus(life);
    EncryptedJWT token =
        new EncryptedJWT(
            new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A256GCM)
                .compressionAlgorithm(CompressionAlgorithm.DEF)
                .build(),
            new JWTClaimsSet.Builder()
                .subject(principal.name())
                .claim("tenant", principal.tenant())
                .claim("session", session)
                .expirationTime(Date.from(end))
                .build());
    try {
      token.encrypt(new DirectEncrypter(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
    return new Made(PREFIX + token.serialize(), Instant.ofEpochSecond(end.getEpochSecond()));
  }

  /** Whose secret it is; empty when it is not one of ours or past its end. */
  public Optional<Principal> find(String secret) {
    if (!secret.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      EncryptedJWT token = EncryptedJWT.parse(secret.substring(PREFIX.length()));
      token.decrypt(new DirectDecrypter(key));
      JWTClaimsSet claims = token.getJWTClaimsSet();
      if (claims == null || claims.getExpirationTime().toInstant().isBefore(clock.instant())) {
        return Optional.empty();
      }
      return Optional.of(
          new Principal(
              claims.getStringClaim("tenant"),
              claims.getSubject(),
              Optional.ofNullable(claims.getStringClaim("session"))));
    } catch (ParseException | JOSEException e) {
      return Optional.empty();
    }
  }
}
