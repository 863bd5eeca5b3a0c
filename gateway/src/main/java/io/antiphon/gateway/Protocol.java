package io.antiphon.gateway;

import io.antiphon.gateway.server.Routes;

/** Something the gateway speaks. Closed in reverse order of installation. */
public interface Protocol extends AutoCloseable {
  /** Says what is served; called once, before the server starts. */
  void install(Routes routes, GatewayContext context);

  @Override
  default void close() {}
}
