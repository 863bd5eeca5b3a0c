package io.antiphon.gateway.server;

import java.util.Optional;

/** Decides who may open a WebSocket and what it speaks. Jetty's threads; must not wait. */
@FunctionalInterface
public interface SocketRoute {
  /**
   * Decides about a handshake.
   *
   * @throws HttpException when the handshake is refused
   */
  Accepted accept(HttpRequest request) throws HttpException;

  /**
   * A handshake that is accepted.
   *
   * @param subprotocol to answer, empty for none
   * @param maximumMessageBytes a longer message closes the connection with 1009
   * @param strand on which the handler runs, where it goes on with something; empty: one of its own
   */
  record Accepted(
      SocketHandler handler, String subprotocol, int maximumMessageBytes, Optional<Strand> strand) {
    public Accepted(SocketHandler handler, String subprotocol, int maximumMessageBytes) {
      this(handler, subprotocol, maximumMessageBytes, Optional.empty());
    }
  }
}
