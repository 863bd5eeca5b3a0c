package io.antiphon.analytics.sentiment;

import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sentiment of one participant over a call: the mean of its utterances' scores, all in all and
 * by quarter. The quarters divide the time from the call's begin to the end of the participant's
 * own last utterance; an utterance belongs to the quarter in which it begins.
 */
public final class SentimentTrack {
  /**
   * A quarter.
   *
   * @param beginMillis media time
   * @param endMillis media time
   * @param score mean score, -5 to 5, to one decimal; null without utterances
   */
  public record Quarter(long beginMillis, long endMillis, @Nullable Double score) {}

  private record Scored(long beginMillis, double score) {}

  private final List<Scored> utterances = new ArrayList<>();
  private long end;

  /** Takes an utterance's score. */
  public void utterance(long beginMillis, long endMillis, double score) {
    utterances.add(new Scored(beginMillis, score));
    end = Math.max(end, endMillis);
  }

  /** Mean score, -5 to 5, to one decimal; null without utterances. */
  public @Nullable Double overall() {
    return mean(0, Long.MAX_VALUE);
  }

  /** The four quarters; none without utterances. */
  public List<Quarter> quarters() {
    List<Quarter> quarters = new ArrayList<>();
    for (int i = 0; i < 4 && !utterances.isEmpty(); i++) {
      long from = end * i / 4;
      long to = end * (i + 1) / 4;
      quarters.add(new Quarter(from, to, mean(from, to)));
    }
    return quarters;
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(
        utterances,
        (scored, to) -> {
          to.writeLong(scored.beginMillis);
          to.writeDouble(scored.score);
        },
        out);
    out.writeLong(end);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    utterances.addAll(
        StateData.readList(from -> new Scored(from.readLong(), from.readDouble()), in));
    end = in.readLong();
  }

  private @Nullable Double mean(long from, long to) {
    double sum = 0;
    int count = 0;
    for (Scored utterance : utterances) {
      if (utterance.beginMillis >= from && utterance.beginMillis < to) {
        sum += utterance.score;
        count++;
      }
    }
    return count == 0 ? null : Math.round(10 * sum / count) / 10.0;
  }
}
