package io.antiphon.analytics.speech;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.stream.IntStream;

/**
 * How far below a party's own voice the other party is heard on its channel.
 *
 * <p>Where both channels seem to speak, the other one's level less the own one is either anything
 * (both do speak) or about the line's leak, hardly ever less. A histogram of the differences of
 * more than {@value #LEAST_DECIBELS} dB tells the two apart: leak lies within {@value #WIDTH} dB in
 * a good part of all frames in which the other one speaks, talk at once is rarer and broad. The
 * histogram forgets: it is halved when it is full.
 */
final class LeakEstimate {
  static final int LEAST_DECIBELS = 10;
  private static final int MOST_DECIBELS = 60;
  private static final int WIDTH = 8;
  private static final int ENOUGH_FRAMES = 16;
  private static final int ENOUGH_OF_OTHER = 94;

  /** Of the frames in which the other one speaks; parties that often talk at once reach 0.11. */
  private static final double FREQUENT = 0.12;

  private static final int FULL = 4000;

  /** Voices that talk at once differ by less; a leak of 20 dB stays outside. */
  private static final double AT_FIRST = 18;

  private static final double WITHOUT_LEAK = 20;
  private static final double MARGIN = 3;
  private static final double LEAST_GATE = 6;
  private static final double MOST_GATE = 40;

  private final int[] histogram = new int[MOST_DECIBELS];
  private int other;

  /** The other channel speaks, loud enough to be heard here. */
  void otherSpeaks() {
    other++;
    if (other >= FULL) {
      other /= 2;
      for (int i = 0; i < histogram.length; i++) {
        histogram[i] /= 2;
      }
    }
  }

  /** Both channels seem to speak; the other one is louder by this. */
  void both(double decibels) {
    int bin = (int) Math.floor(decibels);
    if (bin >= LEAST_DECIBELS && bin < MOST_DECIBELS) {
      histogram[bin]++;
    }
  }

  /** How many dB below the other channel's loudest a frame may be and still count as speech. */
  double gateDecibels() {
    int begin = LEAST_DECIBELS;
    int most = 0;
    for (int from = LEAST_DECIBELS, within = count(from); ; from++) {
      if (within > most) {
        most = within;
        begin = from;
      }
      if (from + WIDTH == MOST_DECIBELS) {
        break;
      }
      within += histogram[from + WIDTH] - histogram[from];
    }
    if (most < ENOUGH_FRAMES || most < FREQUENT * other) {
      return other < ENOUGH_OF_OTHER ? AT_FIRST : WITHOUT_LEAK;
    }
    return Math.min(MOST_GATE, Math.max(LEAST_GATE, least(begin) - MARGIN));
  }

  private int count(int from) {
    int sum = 0;
    for (int bin = from; bin < from + WIDTH; bin++) {
      sum += histogram[bin];
    }
    return sum;
  }

  /** Where leak begins among these differences: in front of it lies talk at once. */
  private int least(int from) {
    int peak = 0;
    for (int bin = from; bin < from + WIDTH; bin++) {
      peak = Math.max(peak, histogram[bin]);
    }
    int bin = from;
    while (3 * histogram[bin] < peak) {
      bin++;
    }
    return bin;
  }

  void save(DataOutput out) throws IOException {
    for (int count : histogram) {
      out.writeInt(count);
    }
    out.writeInt(IntStream.of(histogram).sum());
    out.writeInt(other);
  }

  void load(DataInput in) throws IOException {
    for (int i = 0; i < histogram.length; i++) {
      histogram[i] = in.readInt();
    }
    in.readInt(); // the sum of the histogram
    other = in.readInt();
  }
}
