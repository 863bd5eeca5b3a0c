package io.antiphon.runtime;

/**
 * The host was closed, or one of its threads died (then with the cause), before the work was done.
 */
public class HostClosedException extends IllegalStateException {
  public HostClosedException(String message) {
    super(message);
  }

  public HostClosedException(String message, Throwable cause) {
    super(message, cause);
  }
}
