package io.antiphon.serde.recording;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file or stream that is no recording, is damaged, or holds what is not read here; the message
 * names it, says what it is, and what can be done.
 */
public final class RecordingException extends IOException {
  private static final long serialVersionUID = 1L;

  public RecordingException(String message) {
    super(message);
  }

  public RecordingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
