package io.antiphon.chaos;

import org.jspecify.annotations.Nullable;

/** The cluster or the run itself did not do what a run needs; says nothing about conversations. */
public final class ChaosException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ChaosException(String message) {
    super(message);
  }

  public ChaosException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
