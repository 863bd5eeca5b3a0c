package io.antiphon.runtime.admission;

/**
 * The average of a number that changes in steps, over the time that a {@link DecayingSum} with the
 * same constant remembers; 0 before the first value. Not thread safe.
 */
final class RecentAverage {
  private final double constantNanos;
  private double average;
  private double value;
  private long at;

  RecentAverage(long constantNanos, long now) {
    this.constantNanos = constantNanos;
    this.at = now;
  }

  void set(double newValue, long now) {
    get(now);
    value = newValue;
  }

  double get(long now) {
    if (now - at > 0) {
      average = value + (average - value) * Math.exp((at - now) / constantNanos);
      at = now;
    }
    return average;
  }
}
