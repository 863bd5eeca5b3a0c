package io.antiphon.client;

import java.util.Objects;

/** A conversation did not bring the answer: refused, failed, or silent for too long. */
public final class ConversationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  public ConversationException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * The code of {@code ConversationFailed} or the dead letter; "refused", "timeout" or
   * "disconnected" otherwise.
   */
  public String code() {
    return code;
  }
}
