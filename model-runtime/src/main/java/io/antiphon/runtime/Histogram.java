package io.antiphon.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;

/**
 * The last {@value #WINDOW} values of something and the count of all. Thread safe; recording does
 * not allocate.
 */
public final class Histogram {
  private static final int WINDOW = 1024;

  /**
   * @param count all values ever recorded
   * @param mean of the recent ones, as are all that follow; zero when there are none
   */
  public record Snapshot(
      long count,
      double mean,
      double minimum,
      double p50,
      double p95,
      double p99,
      double maximum) {}

  @GuardedBy("this")
  private final double[] recent = new double[WINDOW];

  @GuardedBy("this")
  private long count;

  /** Adds a value. */
  public synchronized void record(double value) {
    recent[(int) (count++ % WINDOW)] = value;
  }

  /** The recent values' distribution now. */
  public Snapshot snapshot() {
    double[] values;
    long all;
    synchronized (this) {
      all = count;
      values = Arrays.copyOf(recent, (int) Math.min(all, WINDOW));
    }
    if (values.length == 0) {
      return new Snapshot(0, 0, 0, 0, 0, 0, 0);
    }
    Arrays.sort(values);
    return new Snapshot(
        all,
        Arrays.stream(values).average().orElse(0),
        values[0],
        quantile(values, 0.5),
        quantile(values, 0.95),
        quantile(values, 0.99),
        values[values.length - 1]);
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, (long) Math.ceil(share * sorted.length) - 1)];
  }
}
