package io.antiphon.chaos;

/** The cluster or the run itself did not do what a run needs; says nothing about conversations. */
final class ChaosException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChaosException(String message) {
    super(message);
  }

  ChaosException(String message, Throwable cause) {
    super(message, cause);
  }
}
