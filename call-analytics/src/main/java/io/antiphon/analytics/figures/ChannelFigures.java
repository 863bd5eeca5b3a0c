package io.antiphon.analytics.figures;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Figures of one channel.
 *
 * @param channel its number
 * @param talkMillis sum of its segments
 * @param segments how many segments it has
 * @param longestSegmentMillis the longest of them
 * @param interruptions how often it interrupted the other one, see {@link Interruption}
 * @param earlyReplies how often it began inside the other's segment and outlasted it, with an
 *     overlap no longer than {@link FiguresSettings#interruptionMillis()}
 * @param backchannels how often it began inside the other's segment and was over before that one
 *     ended, or with it
 * @param responses how often it took its turn: it began while nobody talked, and the last one who
 *     had talked was the other channel alone, in the same stretch without hold and pause
 * @param responseMillis sum of the waits of those turns, from the other's end to the own begin
 * @param longestResponseMillis the longest of those waits
 * @param words how many words were recognised
 */
public record ChannelFigures(
    int channel,
    long talkMillis,
    int segments,
    long longestSegmentMillis,
    int interruptions,
    int earlyReplies,
    int backchannels,
    int responses,
    long responseMillis,
    long longestResponseMillis,
    int words) {
  static void write(ChannelFigures figures, DataOutput out) throws IOException {
    out.writeInt(figures.channel);
    out.writeLong(figures.talkMillis);
    out.writeInt(figures.segments);
    out.writeLong(figures.longestSegmentMillis);
    out.writeInt(figures.interruptions);
    out.writeInt(figures.earlyReplies);
    out.writeInt(figures.backchannels);
    out.writeInt(figures.responses);
    out.writeLong(figures.responseMillis);
    out.writeLong(figures.longestResponseMillis);
    out.writeInt(figures.words);
  }

  static ChannelFigures read(DataInput in) throws IOException {
    return new ChannelFigures(
        in.readInt(),
        in.readLong(),
        in.readInt(),
        in.readLong(),
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        in.readInt());
  }

  ChannelFigures withWords(int count) {
    return new ChannelFigures(
        channel,
        talkMillis,
        segments,
        longestSegmentMillis,
        interruptions,
        earlyReplies,
        backchannels,
        responses,
        responseMillis,
        longestResponseMillis,
        count);
  }

  /** Words a minute of talk time, to one decimal; 0 without talk. */
  public double wordsPerMinute() {
    return talkMillis == 0 ? 0 : Math.round(words * 600_000.0 / talkMillis) / 10.0;
  }

  /** Mean wait before a turn in whole milliseconds, rounded down; 0 without turns. */
  public long meanResponseMillis() {
    return responses == 0 ? 0 : responseMillis / responses;
  }
}
