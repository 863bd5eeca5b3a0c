package io.antiphon.chaos;

/** Quantiles. */
final class Spread {
  private Spread() {}

  /**
   * The nearest value of a sorted list; NaN of none.
   *
   * @param share 0 to 1
   */
  static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
