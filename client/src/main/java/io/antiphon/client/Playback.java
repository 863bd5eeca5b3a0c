package io.antiphon.client;

/**
 * An answer at the caller's ear: it begins to play when its first piece is there and stands still
 * whenever the next piece comes too late. Times in nanoseconds of one clock. Not thread safe.
 */
public final class Playback {
  private long playedOut;
  private boolean begun;
  private long length;
  private int underruns;
  private long longestGap;

  /**
   * Takes a piece; pieces come in order.
   *
   * @param now when it came
   * @param nanos its playing time, more than 0
   */
  public void arrive(long now, long nanos) {
    if (!begun) {
      begun = true;
      playedOut = now;
    } else if (now > playedOut) {
      underruns++;
      longestGap = Math.max(longestGap, now - playedOut);
      playedOut = now;
    }
    playedOut += nanos;
    length += nanos;
  }

  public boolean begun() {
    return begun;
  }

  /** When everything that is there has been played. */
  public long playedOut() {
    return playedOut;
  }

  /** Playing time of what the caller has heard. */
  public long heard(long now) {
    return begun ? Math.max(0, length - Math.max(0, playedOut - now)) : 0;
  }

  /** Playing time of all pieces. */
  public long length() {
    return length;
  }

  /** How often it stood still. */
  public int underruns() {
    return underruns;
  }

  /** The longest time for which it stood still. */
  public long longestGap() {
    return longestGap;
  }
}
