package io.antiphon.benchmarks.report;

import java.util.Locale;

/**
 * What a figure should be.
 *
 * @param bound of the figure
 * @param least whether the bound is the least good value, or the greatest
 */
public record Target(double bound, boolean least) {
  public static Target atLeast(double bound) {
    return new Target(bound, true);
  }

  public static Target atMost(double bound) {
    return new Target(bound, false);
  }

  public boolean met(double value) {
    return least ? value >= bound : value <= bound;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "at %s %s", least ? "least" : "most", Report.number(bound));
  }
}
