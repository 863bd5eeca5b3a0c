package io.antiphon.local;

/**
 * A part of the local service (broker, cluster, topics, job) did not start or died; the message
 * says which and why.
 */
public final class LocalServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LocalServiceException(String message) {
    super(message);
  }

  public LocalServiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
