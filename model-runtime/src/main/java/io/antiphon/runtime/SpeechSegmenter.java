package io.antiphon.runtime;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * From a detector's probabilities to where speech begins and ends, in samples of media time. Knows
 * nothing of clocks: the same probabilities give the same edges. Not thread safe.
 *
 * <p>Speech begins with {@value #WINDOWS_TO_BEGIN} windows in a row at or above the threshold, at
 * the first of them. It ends where the probability falls {@value #HYSTERESIS} below the threshold
 * and does not come back to it for the asked-for time: Silero's own rule.
 */
public final class SpeechSegmenter {
  /** Silero's own. */
  public static final double DEFAULT_THRESHOLD = 0.5;

  /** Windows that pass until a beginning is known. */
  public static final int WINDOWS_TO_BEGIN = 2;

  private static final double HYSTERESIS = 0.15;
  private static final double LOWEST = 0.01;

  /** What one window changed. */
  public enum Change {
    /** Nothing. */
    NONE,
    /** Speech began, at {@link #edge()}. */
    BEGAN,
    /** Speech ended, at {@link #edge()}; the asked-for time has passed since. */
    ENDED
  }

  private final double threshold;
  private final double endThreshold;
  private final long quietSamples;
  private long heard;
  private int likely;
  private boolean speaking;
  private long quietFrom = -1;
  private long edge = -1;

  /**
   * @param threshold 0 to 1
   * @param quietMillis without speech that end it
   */
  public SpeechSegmenter(double threshold, int quietMillis) {
    this.threshold = threshold;
    this.endThreshold = Math.max(threshold - HYSTERESIS, LOWEST);
    this.quietSamples = (long) quietMillis * SpeechDetector.SAMPLE_RATE / 1000;
  }

  /** Takes the next window's probability. */
  public Change append(float probability) {
    long begin = heard;
    heard += SpeechDetector.WINDOW;
    if (!speaking) {
      likely = probability >= threshold ? likely + 1 : 0;
      if (likely < WINDOWS_TO_BEGIN) {
        return Change.NONE;
      }
      speaking = true;
      likely = 0;
      quietFrom = -1;
      edge = heard - (long) WINDOWS_TO_BEGIN * SpeechDetector.WINDOW;
      return Change.BEGAN;
    }
    if (probability >= threshold) {
      quietFrom = -1;
    } else if (probability < endThreshold && quietFrom < 0) {
      quietFrom = begin;
    }
    if (quietFrom < 0 || heard - quietFrom < quietSamples) {
      return Change.NONE;
    }
    return end();
  }

  /** Nothing more of this stretch comes: speech that goes on ends here. */
  public Change finish() {
    return speaking ? end() : Change.NONE;
  }

  private Change end() {
    edge = quietFrom < 0 ? heard : quietFrom;
    speaking = false;
    likely = 0;
    quietFrom = -1;
    return Change.ENDED;
  }

  /** Whether somebody speaks, the quiet that may end it included. */
  public boolean speaking() {
    return speaking;
  }

  /** Samples of the speech that goes on, up to the quiet that may end it; 0 between speech. */
  public long spoken() {
    if (!speaking) {
      return 0;
    }
    return (quietFrom < 0 ? heard : quietFrom) - edge;
  }

  /** Samples of the quiet that may end the speech that goes on; 0 while nothing is quiet. */
  public long quiet() {
    return speaking && quietFrom >= 0 ? heard - quietFrom : 0;
  }

  /** Sample of the last change, counted from the first sample that was heard. */
  public long edge() {
    return edge;
  }

  /** Samples heard so far: whole windows. */
  public long heard() {
    return heard;
  }

  /** Writes all that {@link #load} needs to go on; settings are not part of it. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(heard);
    out.writeInt(likely);
    out.writeBoolean(speaking);
    out.writeLong(quietFrom);
    out.writeLong(edge);
  }

  /** Reads what {@link #save} wrote. */
  public void load(DataInput in) throws IOException {
    heard = in.readLong();
    likely = in.readInt();
    speaking = in.readBoolean();
    quietFrom = in.readLong();
    edge = in.readLong();
  }
}
