package io.antiphon.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Kafka cannot be reached, or what is expected of it is not there. */
public final class ConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param cause what Kafka reported; null if it is only missing
   */
  public ConnectionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
