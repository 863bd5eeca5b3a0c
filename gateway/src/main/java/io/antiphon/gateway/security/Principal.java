package io.antiphon.gateway.security;

/**
 * Who is at the other end.
 *
 * @param tenant whose conversations it may see
 * @param name of the key or the token's subject, for logs; never a secret
 */
public record Principal(String tenant, String name) {
  public Principal {
    if (tenant.isEmpty()) {
      throw new IllegalArgumentException("tenant is empty");
    }
  }
}
