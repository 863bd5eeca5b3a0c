package io.antiphon.gateway.phone;

/** One message to the provider, as it goes over the socket. */
public sealed interface WireMessage {
  /** A WebSocket text message. */
  record Text(String text) implements WireMessage {}

  /** A WebSocket binary message, or bytes of a TCP stream. */
  record Binary(byte[] bytes) implements WireMessage {}

  /** Closes the socket once everything before it has been sent. */
  record Close(int code, String reason) implements WireMessage {}
}
