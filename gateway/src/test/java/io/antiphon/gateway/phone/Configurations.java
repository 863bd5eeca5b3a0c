package io.antiphon.gateway.phone;

import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.configuration.ListenConfiguration;
import java.util.Optional;

/** Configurations for tests. */
final class Configurations {
  private Configurations() {}

  static ListenConfiguration listen() {
    return new ListenConfiguration("127.0.0.1", 0, Optional.empty(), Optional.empty(), true);
  }

  static GatewayConfiguration local() {
    return new GatewayConfiguration(listen(), Optional.empty());
  }
}
