package io.antiphon.cli;

import java.util.Objects;

/**
 * A file or argument that the user gave cannot be used; the message says which, why, and what is
 * expected.
 */
public class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
