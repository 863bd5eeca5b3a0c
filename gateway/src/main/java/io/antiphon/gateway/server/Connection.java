package io.antiphon.gateway.server;

/**
 * The sending side of one WebSocket. Sending never waits: a peer that does not read is cut when too
 * much waits for it. Any thread; messages of one thread keep their order.
 */
public interface Connection {
  /** Names the connection in logs. */
  String id();

  /** On which the handler's methods run. */
  Strand strand();

  void sendText(String message);

  /**
   * Sends a binary message.
   *
   * @param bytes handed over
   */
  void sendBinary(byte[] bytes);

  /**
   * Closes in good order, after what was sent before; nothing is sent any more.
   *
   * @param code of RFC 6455, such as 1000
   * @param reason at most 123 bytes of UTF-8, cut when longer
   */
  void close(int code, String reason);

  boolean open();
}
