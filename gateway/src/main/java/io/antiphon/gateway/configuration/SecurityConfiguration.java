package io.antiphon.gateway.configuration;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may come in.
 *
 * @param secret from which client secrets and conversation ids are made, the same on all nodes;
 *     empty: drawn at the start, so that nothing of it is good for another node
 * @param keys API keys by name: tenant, a colon, SHA-256 of the key in lower-case hexadecimal
 * @param tokenKeys address or file of the JWK set by which tokens are verified; empty: no tokens
 * @param tokenIssuer {@code iss} that a token must have
 * @param tokenAudience {@code aud} that a token must have
 * @param tenantClaim name of the claim that holds the tenant
 * @param origins of browser pages that may open sockets, beside the gateway's own
 */
public record SecurityConfiguration(
    Optional<String> secret,
    Map<String, String> keys,
    Optional<String> tokenKeys,
    Optional<String> tokenIssuer,
    Optional<String> tokenAudience,
    String tenantClaim,
    List<String> origins) {
  public SecurityConfiguration {
    keys = Map.copyOf(keys);
    origins = List.copyOf(origins);
  }

  @Override
  public String toString() {
    return "SecurityConfiguration[keys=" + keys.keySet() + ", origins=" + origins + "]";
  }
}
