package io.antiphon.gateway.phone;

/** The sending side of a call's socket. Sending never waits; a peer that does not read is cut. */
interface PhoneLine {
  void send(WireMessage message);

  /** Breaks off with a WebSocket close code; where there is none, just ends. */
  void close(int code, String reason);
}
