package io.antiphon.gateway.server;

/** Decides who may open a WebSocket and what it speaks. Jetty's threads; must not wait. */
@FunctionalInterface
public interface SocketRoute {
  /**
   * @throws HttpException when the handshake is refused
   */
  Accepted accept(HttpRequest request) throws HttpException;

  /**
   * A handshake that is accepted.
   *
   * @param subprotocol to answer, empty for none
   * @param maximumMessageBytes a longer message closes the connection with 1009
   */
  record Accepted(SocketHandler handler, String subprotocol, int maximumMessageBytes) {}
}
