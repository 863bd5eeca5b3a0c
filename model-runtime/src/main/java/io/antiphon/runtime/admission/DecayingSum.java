package io.antiphon.runtime.admission;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * A sum that forgets: each value counts for 1/e after the time constant. Divided by the time
 * constant it is the recent rate. Thread safe; adding does not allocate.
 */
final class DecayingSum {
  private final double constantNanos;

  @GuardedBy("this")
  private double sum;

  @GuardedBy("this")
  private long at;

  DecayingSum(long constantNanos) {
    this.constantNanos = constantNanos;
  }

  synchronized void add(double value, long now) {
    decay(now);
    sum += value;
  }

  synchronized double get(long now) {
    decay(now);
    return sum;
  }

  @GuardedBy("this")
  private void decay(long now) {
    if (now - at > 0) {
      sum *= Math.exp((at - now) / constantNanos);
      at = now;
    }
  }
}
