package io.antiphon.benchmarks;

import java.util.Locale;

/**
 * What a figure should be.
 *
 * @param bound of the figure
 * @param least whether the bound is the least good value, or the greatest
 */
record Target(double bound, boolean least) {
  static Target atLeast(double bound) {
    return new Target(bound, true);
  }

  static Target atMost(double bound) {
    return new Target(bound, false);
  }

  boolean met(double value) {
    return least ? value >= bound : value <= bound;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "at %s %s", least ? "least" : "most", Report.number(bound));
  }
}
