package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

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
    List<String> origins)
    implements Section {
  /** Tenant and hash of a key. */
  public static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9._-]{1,64}):([0-9a-f]{64})");

  private static final int SHORTEST_SECRET = 32;

  public SecurityConfiguration {
    keys = Map.copyOf(keys);
    origins = List.copyOf(origins);
  }

  @Override
  public String toString() {
    return "SecurityConfiguration[keys=" + keys.keySet() + ", origins=" + origins + "]";
  }

  @Override
  public void check(Problems problems) {
    secret.ifPresent(
        text ->
            problems.require(
                text.length() >= SHORTEST_SECRET,
                "secret",
                "(" + text.length() + " characters)",
                "at least " + SHORTEST_SECRET + " characters"));
    keys.forEach(
        (name, entry) ->
            problems.require(
                ENTRY.matcher(entry).matches(),
                "keys." + name,
                "(not shown)",
                "TENANT:SHA256, the hash as 64 lower-case hexadecimal digits"));
    if (tokenKeys.isPresent()) {
      problems.require(
          tokenIssuer.isPresent(), "tokenIssuer", null, "the issuer of tokens, for tokenKeys");
      problems.require(
          tokenAudience.isPresent(),
          "tokenAudience",
          null,
          "the audience of tokens, for tokenKeys");
    }
    problems.require(!tenantClaim.isBlank(), "tenantClaim", tenantClaim, "a claim's name");
  }
}
