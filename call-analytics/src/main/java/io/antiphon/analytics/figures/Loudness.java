package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loudness of a channel's speech by second of media time: the RMS of those frames that begin within
 * the second and within a segment. Frames wait here until it is known whether they are speech.
 */
public final class Loudness {
  private record Frame(long beginMillis, SpeechEnergy energy) {}

  private final Deque<Frame> waiting = new ArrayDeque<>();
  private final List<@Nullable SpeechEnergy> seconds = new ArrayList<>();

  /**
   * @param beginMillis where the frame begins; frames come in order
   */
  public void frame(long beginMillis, SpeechEnergy energy) {
    waiting.add(new Frame(beginMillis, energy));
  }

  /** A part of a segment; parts come in order, each before what follows it is {@link #known}. */
  public void speech(Interval part) {
    while (!waiting.isEmpty() && waiting.peek().beginMillis < part.endMillis()) {
      Frame frame = waiting.poll();
      if (frame.beginMillis >= part.beginMillis()) {
        count((int) (frame.beginMillis / 1000), frame.energy);
      }
    }
  }

  /** There is no further speech before {@code millis}. */
  public void known(long millis) {
    while (!waiting.isEmpty() && waiting.peek().beginMillis < millis) {
      waiting.poll();
    }
  }

  /**
   * Scores of the seconds of an interval, null for seconds without speech.
   *
   * @param interval whose seconds, those at its edges included
   */
  public List<@Nullable Integer> scores(Interval interval) {
    List<@Nullable Integer> scores = new ArrayList<>();
    long last = (interval.endMillis() + 999) / 1000;
    for (long second = interval.beginMillis() / 1000; second < last; second++) {
      SpeechEnergy energy = second < seconds.size() ? seconds.get((int) second) : null;
      scores.add(energy == null ? null : energy.score());
    }
    return scores;
  }

  private void count(int second, SpeechEnergy energy) {
    while (seconds.size() <= second) {
      seconds.add(null);
    }
    SpeechEnergy sum = seconds.get(second);
    seconds.set(second, sum == null ? energy : sum.plus(energy));
  }
}
