package io.antiphon.analytics.speech;

import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What rises out of the noise of a channel while the speech detector hears no speech there. When it
 * then hears some, this tells how much before that it missed.
 *
 * <p>In noise the detector notices a weak first syllable late, or not before the second one. The
 * sound right before speech belongs to it, for {@value #ANY_MILLIS} ms whatever it is. What lies
 * further back, or a short break before, does so where the detector has wavered: a click or music
 * leaves it at 0, a syllable does not.
 */
final class MissedSound {
  /** Nothing that ends further before speech belongs to it. */
  static final long REACH_MILLIS = 416;

  /** So long any sound right before speech belongs to it. */
  static final long ANY_MILLIS = 160;

  /** A syllable and the closure of the plosive that ends it are followed by the next one sooner. */
  static final long BREAK_MILLIS = 160;

  /** Clicks are shorter than a syllable. */
  static final long SYLLABLE_MILLIS = 64;

  /** The detector's probability that a missed syllable reaches, and other sounds seldom. */
  static final float WAVERING = 0.01f;

  /** Loud frames one behind the other, and the highest of their probabilities. */
  private record Stretch(long beginMillis, long endMillis, float probability) {
    boolean syllable() {
      return probability >= WAVERING && endMillis - beginMillis >= SYLLABLE_MILLIS;
    }
  }

  private final Deque<Stretch> stretches = new ArrayDeque<>();

  /** Takes the next frame without speech. */
  void frame(SpeechFrame frame, boolean loud) {
    if (loud) {
      Stretch last = stretches.peekLast();
      if (last != null && last.endMillis == frame.beginMillis()) {
        stretches.removeLast();
        float highest = Math.max(last.probability, frame.probability());
        stretches.add(new Stretch(last.beginMillis, frame.endMillis(), highest));
      } else {
        stretches.add(new Stretch(frame.beginMillis(), frame.endMillis(), frame.probability()));
      }
    }
    forget(frame.endMillis());
  }

  /** Where the sound begins that belongs to speech from {@code millis} on; that itself for none. */
  long begin(long millis) {
    return begin(millis, false);
  }

  /** No speech from {@code millis} or later on has sound before this; it never falls. */
  long earliest(long millis) {
    return begin(millis, true);
  }

  /**
   * @param open whether a sound that lasts at {@code millis} may yet turn out to be a syllable
   */
  private long begin(long millis, boolean open) {
    long begin = millis;
    for (Iterator<Stretch> back = stretches.descendingIterator(); back.hasNext(); ) {
      Stretch next = back.next();
      if (next.endMillis <= millis - REACH_MILLIS || begin - next.endMillis > BREAK_MILLIS) {
        break;
      }
      boolean right = next.endMillis == millis;
      if (next.syllable() || (right && open)) {
        begin = next.beginMillis;
      } else if (right) {
        begin = Math.max(next.beginMillis, millis - ANY_MILLIS);
      }
    }
    return Math.max(begin, millis - REACH_MILLIS);
  }

  void clear() {
    stretches.clear();
  }

  private void forget(long position) {
    while (!stretches.isEmpty() && stretches.peek().endMillis <= position - REACH_MILLIS) {
      stretches.remove();
    }
  }

  void save(DataOutput out) throws IOException {
    StateData.writeList(
        stretches,
        (each, to) -> {
          to.writeLong(each.beginMillis);
          to.writeLong(each.endMillis);
          to.writeFloat(each.probability);
        },
        out);
  }

  void load(DataInput in) throws IOException {
    stretches.addAll(
        StateData.readList(
            from -> new Stretch(from.readLong(), from.readLong(), from.readFloat()), in));
  }

  /**
   * Goes on from state that knew only a sound that lasts.
   *
   * @param beginMillis its begin; -1 for none
   * @param position where it stands
   */
  void load(long beginMillis, long position) {
    if (beginMillis >= 0) {
      // What lies before was told to hold no speech.
      stretches.add(new Stretch(Math.max(beginMillis, position - ANY_MILLIS), position, 0));
    }
  }
}
