package io.antiphon.client;

import java.util.Arrays;
import java.util.Collection;

/** Percentiles of measured values, by nearest rank: every figure is a value that was measured. */
public final class Percentiles {
  private Percentiles() {}

  /**
   * @param share 0.5 for the median, 1 for the maximum
   * @throws IllegalArgumentException without values or for a share outside of 0 to 1
   */
  public static double percentile(Collection<? extends Number> values, double share) {
    return percentile(values.stream().mapToDouble(Number::doubleValue).toArray(), share);
  }

  /** As {@link #percentile(Collection, double)}; the array stays as it is. */
  public static double percentile(double[] values, double share) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there are no values");
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share is " + share + ", expected 0 to 1");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  public static double median(Collection<? extends Number> values) {
    return percentile(values, 0.5);
  }
}
