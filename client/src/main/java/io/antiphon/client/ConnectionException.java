package io.antiphon.client;

/** Kafka cannot be reached, or what is expected of it is not there. */
public final class ConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param cause what Kafka reported; null if it is only missing
   */
  public ConnectionException(String message, Throwable cause) {
    super(message, cause);
  }
}
