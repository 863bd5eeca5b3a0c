package io.antiphon.benchmarks;

import io.antiphon.cli.InputException;

/** Something stands in the way of a measurement; the message says what and what is expected. */
final class BenchmarkException extends InputException {
  private static final long serialVersionUID = 1L;

  BenchmarkException(String message) {
    super(message);
  }

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
