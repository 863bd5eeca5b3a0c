package io.antiphon.gateway.security;

import java.util.Optional;

/**
 * Who is at the other end.
 *
 * @param tenant whose conversations it may see
 * @param name of the key or the token's subject, for logs; never a secret
 * @param session configuration that a client secret was made for, as JSON
 */
public record Principal(String tenant, String name, Optional<String> session) {
  public Principal {
    if (tenant.isEmpty()) {
      throw new IllegalArgumentException("tenant is empty");
    }
  }

  public static Principal of(String tenant, String name) {
    return new Principal(tenant, name, Optional.empty());
  }
}
