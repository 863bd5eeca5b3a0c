package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * The figures of a call up to a point in media time.
 *
 * <p>A channel <em>talks</em> in its segments, but neither while the call is on hold nor while the
 * recording is paused: a segment that reaches into such a stretch is cut at its edge. Segments of a
 * channel that touch are one. Everything below follows from that.
 *
 * @param durationMillis length of the call up to here
 * @param channels the channels by number
 * @param talkMillis sum of the channels' talk time: two at once count twice
 * @param overtalkMillis time in which at least two channels talk
 * @param nonTalk stretches in which nobody talks, hold included and pauses left out, that are
 *     longer than {@link FiguresSettings#nonTalkMillis()}; a pause ends a stretch
 * @param holdMillis time on hold, pauses left out
 * @param pausedMillis time in which nothing was recorded
 * @param interruptions by begin
 */
public record CallFigures(
    long durationMillis,
    List<ChannelFigures> channels,
    long talkMillis,
    long overtalkMillis,
    List<Interval> nonTalk,
    long holdMillis,
    long pausedMillis,
    List<Interruption> interruptions) {
  public CallFigures {
    channels = List.copyOf(channels);
    nonTalk = List.copyOf(nonTalk);
    interruptions = List.copyOf(interruptions);
  }

  /** Writes all of it. */
  public static void write(CallFigures figures, DataOutput out) throws IOException {
    out.writeLong(figures.durationMillis);
    StateData.writeList(figures.channels, ChannelFigures::write, out);
    out.writeLong(figures.talkMillis);
    out.writeLong(figures.overtalkMillis);
    StateData.writeList(figures.nonTalk, StateData::writeInterval, out);
    out.writeLong(figures.holdMillis);
    out.writeLong(figures.pausedMillis);
    StateData.writeList(
        figures.interruptions,
        (each, to) -> {
          to.writeInt(each.byChannel());
          StateData.writeInterval(each.overlap(), to);
        },
        out);
  }

  /** Reads what {@link #write} wrote. */
  public static CallFigures read(DataInput in) throws IOException {
    return new CallFigures(
        in.readLong(),
        StateData.readList(ChannelFigures::read, in),
        in.readLong(),
        in.readLong(),
        StateData.readList(StateData::readInterval, in),
        in.readLong(),
        in.readLong(),
        StateData.readList(
            from -> new Interruption(from.readInt(), StateData.readInterval(from)), in));
  }

  /**
   * The same with other counts of words.
   *
   * @param words by channel
   */
  public CallFigures withWords(int[] words) {
    return new CallFigures(
        durationMillis,
        channels.stream().map(each -> each.withWords(words[each.channel()])).toList(),
        talkMillis,
        overtalkMillis,
        nonTalk,
        holdMillis,
        pausedMillis,
        interruptions);
  }

  /** Sum of the non-talk stretches. */
  public long nonTalkMillis() {
    return nonTalk.stream().mapToLong(Interval::lengthMillis).sum();
  }

  /** The longest non-talk stretch; 0 without one. */
  public long longestNonTalkMillis() {
    return nonTalk.stream().mapToLong(Interval::lengthMillis).max().orElse(0);
  }

  /** Sum of the interruptions' overlaps. */
  public long interruptionMillis() {
    return interruptions.stream().mapToLong(each -> each.overlap().lengthMillis()).sum();
  }
}
