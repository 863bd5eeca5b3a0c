package io.antiphon.jobs.client;

/** Kafka cannot be reached, or what is expected of it is not there. */
public final class ConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConnectionException(String message, Throwable cause) {
    super(message, cause);
  }
}
