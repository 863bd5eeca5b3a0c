package io.antiphon.gateway.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** JSON Web Tokens of an identity provider, by its published keys. Thread safe. */
final class TokenVerifier {
  private static final Logger LOG = LoggerFactory.getLogger(TokenVerifier.class);
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.EdDSA);

  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
  private final String tenantClaim;

  /**
   * @param keys an address (https:, file:) of a JWK set, or a path
   * @param tenantClaim name of the claim that holds the tenant
   * @throws IOException when a file cannot be read
   */
  TokenVerifier(String keys, String issuer, String audience, String tenantClaim)
      throws IOException {
    this.tenantClaim = tenantClaim;
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, source(keys)));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            audience,
            new JWTClaimsSet.Builder().issuer(issuer).build(),
            Set.of("sub", "exp", tenantClaim)));
  }

  private static JWKSource<SecurityContext> source(String keys) throws IOException {
    if (keys.startsWith("https:") || keys.startsWith("http:")) {
      URL url = URI.create(keys).toURL();
      return JWKSourceBuilder.<SecurityContext>create(url).retrying(true).build();
    }
    try {
      return new ImmutableJWKSet<>(JWKSet.load(Path.of(keys).toFile()));
    } catch (ParseException e) {
      throw new IOException(keys + " is no JWK set: " + e.getMessage(), e);
    }
  }

  Optional<Principal> verify(String token) {
    try {
      JWTClaimsSet claims = processor.process(token, null);
      String tenant = claims.getStringClaim(tenantClaim);
      return tenant == null || tenant.isEmpty()
          ? Optional.empty()
          : Optional.of(Principal.of(tenant, claims.getSubject()));
    } catch (ParseException | BadJOSEException e) {
      LOG.debug("A token is refused: {}", e.getMessage());
      return Optional.empty();
    } catch (JOSEException e) {
      LOG.warn("Tokens cannot be verified now: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
