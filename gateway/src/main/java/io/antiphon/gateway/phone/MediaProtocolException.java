package io.antiphon.gateway.phone;

import java.util.Objects;

/** A provider's message that cannot be used. The stream is closed with {@link #closeCode()}. */
public final class MediaProtocolException extends Exception {
  /** WebSocket: the peer breaks the protocol. */
  public static final int PROTOCOL_ERROR = 1002;

  /** WebSocket: a kind of message that is not served here. */
  public static final int UNSUPPORTED = 1003;

  /** WebSocket: the message's content is none of its kind. */
  public static final int BAD_DATA = 1007;

  /** WebSocket: refused by rule. */
  public static final int POLICY = 1008;

  /** WebSocket: too large. */
  public static final int TOO_LARGE = 1009;

  private static final long serialVersionUID = 1L;

  private final int closeCode;

  public MediaProtocolException(int closeCode, String message) {
    super(message);
    this.closeCode = closeCode;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The WebSocket close code that tells the provider what was wrong. */
  public int closeCode() {
    return closeCode;
  }
}
