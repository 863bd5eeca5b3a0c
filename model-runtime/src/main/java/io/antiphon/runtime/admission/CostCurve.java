package io.antiphon.runtime.admission;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Milliseconds of a graph call by the number of conversations in it: measured at some sizes, linear
 * between them, and beyond the last by what each conversation costs there. Immutable.
 */
public final class CostCurve {
  private final TreeMap<Integer, Double> millis;

  /**
   * @param millis by size, at least one
   */
  public CostCurve(Map<Integer, Double> millis) {
    if (millis.isEmpty()) {
      throw new IllegalArgumentException("a cost curve without a point");
    }
    this.millis = new TreeMap<>(millis);
  }

  /** What was measured: milliseconds by size. */
  public Map<Integer, Double> points() {
    return Collections.unmodifiableMap(millis);
  }

  /** Milliseconds of a call with so many conversations, 1 or more; may lie between whole ones. */
  public double at(double size) {
    Map.Entry<Integer, Double> below = millis.floorEntry((int) size);
    Map.Entry<Integer, Double> above = millis.higherEntry((int) size);
    if (below == null) {
      return above.getValue();
    }
    if (above == null) {
      return below.getValue() * Math.max(1, size / below.getKey());
    }
    double share = (size - below.getKey()) / (above.getKey() - below.getKey());
    return below.getValue() + share * (above.getValue() - below.getValue());
  }

  /** The same curve for another amount of work. */
  public CostCurve times(double factor) {
    Map<Integer, Double> points = new TreeMap<>();
    millis.forEach((size, time) -> points.put(size, time * factor));
    return new CostCurve(points);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    millis.forEach(
        (size, time) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(size)
                .append(": ")
                .append(String.format(java.util.Locale.ROOT, "%.2f", time)));
    return text.toString();
  }
}
