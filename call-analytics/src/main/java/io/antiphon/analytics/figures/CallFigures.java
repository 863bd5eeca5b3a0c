package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
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
