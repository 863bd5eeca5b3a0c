package io.antiphon.gateway.security;

import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;

/** Who may come in and how often. Thread safe. */
public interface Access {
  /**
   * Who sends a request, by its bearer key or token, or by a browser's WebSocket subprotocol.
   *
   * @throws HttpException with 401 when the key is missing or wrong, with 403 when the origin is
   *     not allowed; the same body whatever the reason
   */
  Principal authenticate(HttpRequest request) throws HttpException;

  /**
   * Counts a session against the tenant's limits and writes it to the audit log, until the lease is
   * closed.
   *
   * @param protocol such as "realtime" or "twilio"
   * @throws LimitException when the tenant has too many sessions, or opens them too fast
   */
  SessionLease admit(Principal principal, String protocol, String remoteAddress)
      throws LimitException;
}
