package io.antiphon.benchmarks;

import io.antiphon.cli.InputException;

/** Something stands in the way of a measurement; the message says what and what is expected. */
public final class BenchmarkException extends InputException {
  private static final long serialVersionUID = 1L;

  public BenchmarkException(String message) {
    super(message);
  }

  public BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
