package io.antiphon.analytics;

/**
 * A stretch of media time.
 *
 * @param beginMillis the first millisecond in it, from the call's begin
 * @param endMillis the first millisecond after it
 */
public record Interval(long beginMillis, long endMillis) implements Comparable<Interval> {
  public Interval {
    if (beginMillis < 0 || endMillis < beginMillis) {
      throw new IllegalArgumentException(
          "interval " + beginMillis + " to " + endMillis + " ms, expected 0 <= begin <= end");
    }
  }

  public long lengthMillis() {
    return endMillis - beginMillis;
  }

  public boolean contains(long millis) {
    return beginMillis <= millis && millis < endMillis;
  }

  /** How much of this interval lies in {@code other}, in milliseconds. */
  public long overlapMillis(Interval other) {
    return Math.max(
        0, Math.min(endMillis, other.endMillis) - Math.max(beginMillis, other.beginMillis));
  }

  @Override
  public int compareTo(Interval other) {
    int byBegin = Long.compare(beginMillis, other.beginMillis);
    return byBegin != 0 ? byBegin : Long.compare(endMillis, other.endMillis);
  }
}
