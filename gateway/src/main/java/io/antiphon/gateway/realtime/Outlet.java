package io.antiphon.gateway.realtime;

import java.util.function.Function;

/** Where a session's events go; gives each its id. */
@FunctionalInterface
interface Outlet {
  /**
   * Sends an event.
   *
   * @param event makes the event with its id
   */
  void send(Function<String, ServerEvent> event);
}
