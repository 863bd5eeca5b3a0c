package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What one channel said so far and how it stands to the other one. */
final class ChannelTalk {
  /** Media time up to which all points of the channel are known. */
  long knownUntil;

  /** Segments of the channel that cover the sweep's position, whatever hold and pause hide. */
  int open;

  /** In which channel's segment the running segment began, while that one goes on; else -1. */
  int beganInside = -1;

  long talkMillis;
  int words;

  private long talksSince = -1;
  private int segments;
  private long longestSegmentMillis;
  private int interruptions;
  private int earlyReplies;
  private int backchannels;
  private int responses;
  private long responseMillis;
  private long longestResponseMillis;

  boolean talks() {
    return talksSince >= 0;
  }

  void begin(long millis, int inside) {
    talksSince = millis;
    beganInside = inside;
  }

  void respond(long wait) {
    responses++;
    responseMillis += wait;
    longestResponseMillis = Math.max(longestResponseMillis, wait);
  }

  /** The one in whose segment this one began has stopped, and this one talks on. */
  @Nullable Interruption outlast(int channel, long millis, FiguresSettings settings) {
    beganInside = -1;
    if (millis - talksSince <= settings.interruptionMillis()) {
      earlyReplies++;
      return null;
    }
    interruptions++;
    return new Interruption(channel, new Interval(talksSince, millis));
  }

  void stop(long millis) {
    segments++;
    longestSegmentMillis = Math.max(longestSegmentMillis, millis - talksSince);
    if (beganInside >= 0) {
      backchannels++;
    }
    beganInside = -1;
    talksSince = -1;
  }

  ChannelFigures figures(int channel) {
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
        words);
  }

  ChannelTalk copy() {
    ChannelTalk copy = new ChannelTalk();
    copy.knownUntil = knownUntil;
    copy.open = open;
    copy.beganInside = beganInside;
    copy.talkMillis = talkMillis;
    copy.words = words;
    copy.talksSince = talksSince;
    copy.segments = segments;
    copy.longestSegmentMillis = longestSegmentMillis;
    copy.interruptions = interruptions;
    copy.earlyReplies = earlyReplies;
    copy.backchannels = backchannels;
    copy.responses = responses;
    copy.responseMillis = responseMillis;
    copy.longestResponseMillis = longestResponseMillis;
    return copy;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(knownUntil);
    out.writeInt(open);
    out.writeInt(beganInside);
    out.writeLong(talkMillis);
    out.writeInt(words);
    out.writeLong(talksSince);
    out.writeInt(segments);
    out.writeLong(longestSegmentMillis);
    out.writeInt(interruptions);
    out.writeInt(earlyReplies);
    out.writeInt(backchannels);
    out.writeInt(responses);
    out.writeLong(responseMillis);
    out.writeLong(longestResponseMillis);
  }

  void load(DataInput in) throws IOException {
    knownUntil = in.readLong();
    open = in.readInt();
    beganInside = in.readInt();
    talkMillis = in.readLong();
    words = in.readInt();
    talksSince = in.readLong();
    segments = in.readInt();
    longestSegmentMillis = in.readLong();
    interruptions = in.readInt();
    earlyReplies = in.readInt();
    backchannels = in.readInt();
    responses = in.readInt();
    responseMillis = in.readLong();
    longestResponseMillis = in.readLong();
  }
}
