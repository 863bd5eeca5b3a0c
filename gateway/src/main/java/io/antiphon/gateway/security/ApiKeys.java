package io.antiphon.gateway.security;

import io.antiphon.gateway.configuration.SecurityConfiguration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/** Keys by their hashes: the keys themselves are known to their owners only. */
final class ApiKeys {
  private final Map<String, Principal> byHash = new HashMap<>();

  /**
   * @param entries tenant and hash by the key's name, as the configuration has them
   */
  ApiKeys(Map<String, String> entries) {
    entries.forEach(
        (name, entry) -> {
          Matcher parts = SecurityConfiguration.ENTRY.matcher(entry);
          if (!parts.matches()) {
            throw new IllegalArgumentException("the entry of key " + name + " is malformed");
          }
          byHash.put(parts.group(2), Principal.of(parts.group(1), name));
        });
  }

  boolean isEmpty() {
    return byHash.isEmpty();
  }

  Optional<Principal> find(String key) {
    return Optional.ofNullable(byHash.get(Hashes.sha256(key)));
  }
}
