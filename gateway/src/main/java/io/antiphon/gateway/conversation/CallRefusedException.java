package io.antiphon.gateway.conversation;

import java.util.Objects;

/** A conversation is not taken. */
public final class CallRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code such as "capacity", "draining" or "unknown-conversation"
   */
  public CallRefusedException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public String code() {
    return code;
  }
}
