package io.antiphon.operators;

import java.time.Instant;

/** Wall clock for latencies, which must survive the process. */
final class Clock {
  private Clock() {}

  /** Milliseconds since the epoch, with fractions. */
  static double nowMillis() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
  }
}
