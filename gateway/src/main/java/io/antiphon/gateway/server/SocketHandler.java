package io.antiphon.gateway.server;

/**
 * One WebSocket's protocol. All methods run on the connection's strand; the next message is read
 * only when the last one was handled. An exception closes the connection with 1011.
 */
public interface SocketHandler {
  void opened(Connection connection);

  void text(String message);

  /**
   * A binary message.
   *
   * @param bytes handed over
   */
  void binary(byte[] bytes);

  /**
   * The connection is gone, by whomever; called once, last.
   *
   * @param code 1006 when it broke off
   */
  void closed(int code, String reason);

  /** The server shuts down: end soon, by the deadline the connection is closed with 1012. */
  default void draining() {}
}
