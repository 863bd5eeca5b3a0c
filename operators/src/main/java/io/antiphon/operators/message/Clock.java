package io.antiphon.operators.message;

import java.time.Instant;

/** Wall clock for latencies, which must survive the process. */
public final class Clock {
  private Clock() {}

  /** Milliseconds since the epoch, with fractions. */
  public static double nowMillis() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
  }
}
