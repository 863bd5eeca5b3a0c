package io.antiphon.analytics.speech;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How loud a channel is while its party is silent: the quietest quarter of the last {@value
 * #FRAMES} frames without speech, one and a half seconds of them, lies at or below it. What a
 * speech detector has not noticed yet, or a cough, therefore does not raise it.
 */
final class NoiseFloor {
  private static final int FRAMES = 48;
  private static final int QUARTER = 4;

  /** Quieter lines are all the same: an idle one of a telephone network is about here. */
  static final double LEAST_DBFS = -70;

  /** The last levels, each in the place of the one that it replaced. */
  private final double[] levels = new double[FRAMES];

  private int count;
  private int next;

  /** Takes the level of the next frame without speech. */
  void silent(double dbfs) {
    levels[next] = dbfs;
    next = (next + 1) % FRAMES;
    count = Math.min(FRAMES, count + 1);
  }

  /** The floor in dBFS; {@link #LEAST_DBFS} where nothing is known. */
  double dbfs() {
    double[] sorted = Arrays.copyOf(levels, count);
    Arrays.sort(sorted);
    return count == 0 ? LEAST_DBFS : Math.max(LEAST_DBFS, sorted[count / QUARTER]);
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(count);
    for (int i = 0; i < count; i++) {
      out.writeDouble(levels[(next + FRAMES - count + i) % FRAMES]);
    }
  }

  void load(DataInput in) throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      silent(in.readDouble());
    }
  }
}
