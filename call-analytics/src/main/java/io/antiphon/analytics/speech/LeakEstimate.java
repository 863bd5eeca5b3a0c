package io.antiphon.analytics.speech;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How far below a party's own voice the other party is heard on its channel.
 *
 * <p>Where both channels seem to speak, the other one's level less the own one is either anything
 * (both do speak) or about the line's leak, always the same. A histogram of the differences of more
 * than {@value #LEAST_DECIBELS} dB tells the two apart: leak is frequent and narrow, talk at once
 * is rare. The histogram forgets: it is halved when it is full.
 */
final class LeakEstimate {
  static final int LEAST_DECIBELS = 10;
  private static final int MOST_DECIBELS = 60;
  private static final int ENOUGH_FRAMES = 24;
  private static final int ENOUGH_OF_OTHER = 94;
  private static final double FREQUENT = 0.1;
  private static final int FULL = 4000;

  private static final double AT_FIRST = 15;
  private static final double WITHOUT_LEAK = 20;
  private static final double MARGIN = 3;
  private static final double LEAST_GATE = 6;
  private static final double MOST_GATE = 40;

  private final int[] histogram = new int[MOST_DECIBELS];
  private int differences;
  private int other;

  /** The other channel speaks, loud enough to be heard here. */
  void otherSpeaks() {
    other++;
    if (other >= FULL) {
      other /= 2;
      differences = 0;
      for (int i = 0; i < histogram.length; i++) {
        histogram[i] /= 2;
        differences += histogram[i];
      }
    }
  }

  /** Both channels seem to speak; the other one is louder by this. */
  void both(double decibels) {
    int bin = (int) Math.floor(decibels);
    if (bin >= LEAST_DECIBELS && bin < MOST_DECIBELS) {
      histogram[bin]++;
      differences++;
    }
  }

  /** How many dB below the other channel's loudest a frame may be and still count as speech. */
  double gateDecibels() {
    if (differences < ENOUGH_FRAMES || differences < FREQUENT * other) {
      return other < ENOUGH_OF_OTHER ? AT_FIRST : WITHOUT_LEAK;
    }
    int rest = differences / 20;
    int bin = LEAST_DECIBELS;
    while (rest >= histogram[bin]) {
      rest -= histogram[bin++];
    }
    return Math.min(MOST_GATE, Math.max(LEAST_GATE, bin - MARGIN));
  }

  void save(DataOutput out) throws IOException {
    for (int count : histogram) {
      out.writeInt(count);
    }
    out.writeInt(differences);
    out.writeInt(other);
  }

  void load(DataInput in) throws IOException {
    for (int i = 0; i < histogram.length; i++) {
      histogram[i] = in.readInt();
    }
    differences = in.readInt();
    other = in.readInt();
  }
}
