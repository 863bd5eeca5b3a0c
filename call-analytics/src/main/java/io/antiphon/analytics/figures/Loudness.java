package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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

  /** Which second the first of {@code seconds} is. */
  private int firstSecond;

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
      int at = (int) second - firstSecond;
      SpeechEnergy energy = at >= 0 && at < seconds.size() ? seconds.get(at) : null;
      scores.add(energy == null ? null : energy.score());
    }
    return scores;
  }

  /** No score before {@code millis} is asked for again. */
  public void forget(long millis) {
    int drop = (int) Math.min(seconds.size(), millis / 1000 - firstSecond);
    if (drop > 0) {
      seconds.subList(0, drop).clear();
      firstSecond += drop;
    }
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(
        waiting,
        (frame, to) -> {
          to.writeLong(frame.beginMillis);
          StateData.writeEnergy(frame.energy, to);
        },
        out);
    out.writeInt(firstSecond);
    StateData.writeList(
        seconds,
        (energy, to) -> StateData.writeEnergy(energy == null ? SpeechEnergy.NONE : energy, to),
        out);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    waiting.addAll(
        StateData.readList(from -> new Frame(from.readLong(), StateData.readEnergy(from)), in));
    firstSecond = in.readInt();
    for (SpeechEnergy energy : StateData.readList(StateData::readEnergy, in)) {
      seconds.add(energy.samples() == 0 ? null : energy);
    }
  }

  private void count(int second, SpeechEnergy energy) {
    if (seconds.isEmpty()) {
      firstSecond = Math.max(firstSecond, second);
    }
    int at = second - firstSecond;
    while (seconds.size() <= at) {
      seconds.add(null);
    }
    SpeechEnergy sum = seconds.get(at);
    seconds.set(at, sum == null ? energy : sum.plus(energy));
  }
}
