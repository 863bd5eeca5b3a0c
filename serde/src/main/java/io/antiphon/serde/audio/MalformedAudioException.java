package io.antiphon.serde.audio;

import java.util.Objects;

/** Audio bytes or samples that their format does not allow. Nothing of them was taken. */
public final class MalformedAudioException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedAudioException(String message) {
    super(message);
  }

  public MalformedAudioException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
