package io.antiphon.gateway.security;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys by their hashes: the keys themselves are known to their owners only. */
final class ApiKeys {
  /** TENANT:SHA256. */
  static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9._-]{1,64}):([0-9a-f]{64})");

  private final Map<String, Principal> byHash = new HashMap<>();

  /**
   * @param entries tenant and hash by the key's name, as {@link #ENTRY} has it
   */
  ApiKeys(Map<String, String> entries) {
    entries.forEach(
        (name, entry) -> {
          Matcher parts = ENTRY.matcher(entry);
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
