package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Works out {@link CallFigures} while a call lasts.
 *
 * <p>It sweeps over the points in time at which a channel begins or stops to talk, a hold or a
 * pause begins or ends. A channel says with {@link #known} up to where its points are complete; the
 * sweep goes as far as the slowest channel, the <em>frontier</em>. The channels may be fed in any
 * order and with any lead over each other: the figures are the same. Memory grows with the number
 * of non-talk stretches and interruptions only, and with what a channel leads.
 */
public final class FiguresAccumulator {
  private enum Kind {
    TALK,
    HOLD,
    PAUSE
  }

  private record Change(long millis, Kind kind, int channel, boolean begins) {}

  private static final long NEVER = -1;

  private final FiguresSettings settings;
  private final PriorityQueue<Change> changes =
      new PriorityQueue<>(Comparator.comparingLong(Change::millis));
  private final ChannelTalk[] channels;
  private final List<Interval> nonTalk = new ArrayList<>();
  private final List<Interruption> interruptions = new ArrayList<>();

  // Counted, because one may end where the next begins, in any order.
  private int holds;
  private int pauses;
  private long position;
  private long quietSince = 0;
  private long lastTalkEnd = NEVER;
  private int lastTalker = -1;
  private long overtalkMillis;
  private long holdMillis;
  private long pausedMillis;

  /**
   * @param channels how many channels the call has, at least one
   */
  public FiguresAccumulator(int channels, FiguresSettings settings) {
    if (channels < 1) {
      throw new IllegalArgumentException("channels is " + channels + ", expected 1 or more");
    }
    this.settings = settings;
    this.channels = new ChannelTalk[channels];
    for (int channel = 0; channel < channels; channel++) {
      this.channels[channel] = new ChannelTalk();
    }
  }

  private FiguresAccumulator(FiguresAccumulator other) {
    settings = other.settings;
    changes.addAll(other.changes);
    channels = new ChannelTalk[other.channels.length];
    for (int channel = 0; channel < channels.length; channel++) {
      channels[channel] = other.channels[channel].copy();
    }
    nonTalk.addAll(other.nonTalk);
    interruptions.addAll(other.interruptions);
    holds = other.holds;
    pauses = other.pauses;
    position = other.position;
    quietSince = other.quietSince;
    lastTalkEnd = other.lastTalkEnd;
    lastTalker = other.lastTalker;
    overtalkMillis = other.overtalkMillis;
    holdMillis = other.holdMillis;
    pausedMillis = other.pausedMillis;
  }

  /** A whole segment. */
  public void segment(int channel, Interval segment) {
    talkBegins(channel, segment.beginMillis());
    talkEnds(channel, segment.endMillis());
  }

  /** The channel begins to talk; it does not yet talk. */
  public void talkBegins(int channel, long millis) {
    add(new Change(millis, Kind.TALK, channel, true), channels[channel].knownUntil);
  }

  /** The channel, which talks, stops. */
  public void talkEnds(int channel, long millis) {
    add(new Change(millis, Kind.TALK, channel, false), channels[channel].knownUntil);
  }

  /** From here on the call is on hold, or no longer: begins and ends alternate. */
  public void hold(long millis, boolean begins) {
    add(new Change(millis, Kind.HOLD, -1, begins), frontier());
  }

  /** From here on nothing is recorded, or something again: begins and ends alternate. */
  public void pause(long millis, boolean begins) {
    add(new Change(millis, Kind.PAUSE, -1, begins), frontier());
  }

  /** Words recognised on the channel. */
  public void words(int channel, int count) {
    channels[channel].words += count;
  }

  /**
   * All points of the channel before {@code millis} have been given; later calls with less say
   * nothing new.
   */
  public void known(int channel, long millis) {
    ChannelTalk state = channels[channel];
    state.knownUntil = Math.max(state.knownUntil, millis);
    sweep(frontier());
  }

  /** Up to where all channels are known. */
  public long frontier() {
    long frontier = Long.MAX_VALUE;
    for (ChannelTalk channel : channels) {
      frontier = Math.min(frontier, channel.knownUntil);
    }
    return frontier;
  }

  /** The figures of a call that ends at the frontier; the accumulator goes on. */
  public CallFigures figures() {
    return new FiguresAccumulator(this).close(frontier());
  }

  /**
   * Ends the call; who still talks stops here, points after the end are dropped. Nothing may
   * follow.
   *
   * @param durationMillis the length of the call, at least the frontier
   */
  public CallFigures close(long durationMillis) {
    if (durationMillis < position) {
      throw new IllegalArgumentException(
          "a call of " + durationMillis + " ms cannot end before its frontier " + position + " ms");
    }
    sweep(durationMillis);
    // The points at the end itself say nothing about time before it, except that who stops there
    // has stopped.
    List<Integer> stopping = new ArrayList<>();
    for (int channel = 0; channel < channels.length; channel++) {
      if (channels[channel].talks()) {
        stopping.add(channel);
      }
    }
    stop(stopping, durationMillis);
    endQuiet(durationMillis);
    List<ChannelFigures> figures = new ArrayList<>();
    long talkMillis = 0;
    for (int channel = 0; channel < channels.length; channel++) {
      figures.add(channels[channel].figures(channel));
      talkMillis += channels[channel].talkMillis;
    }
    interruptions.sort(Comparator.comparing(Interruption::overlap));
    return new CallFigures(
        durationMillis,
        figures,
        talkMillis,
        overtalkMillis,
        nonTalk,
        holdMillis,
        pausedMillis,
        interruptions);
  }

  /** The non-talk stretches that have ended, from the given one on. */
  public List<Interval> nonTalk(int from) {
    return List.copyOf(nonTalk.subList(from, nonTalk.size()));
  }

  /** The interruptions that are over, in the order in which they ended, from the given one on. */
  public List<Interruption> interruptions(int from) {
    return List.copyOf(interruptions.subList(from, interruptions.size()));
  }

  /** Since when nobody talks; -1 while somebody does. */
  public long quietSince() {
    return quietSince;
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(
        changes,
        (change, to) -> {
          to.writeLong(change.millis);
          to.writeByte(change.kind.ordinal());
          to.writeInt(change.channel);
          to.writeBoolean(change.begins);
        },
        out);
    for (ChannelTalk channel : channels) {
      channel.save(out);
    }
    StateData.writeList(nonTalk, StateData::writeInterval, out);
    StateData.writeList(
        interruptions,
        (each, to) -> {
          to.writeInt(each.byChannel());
          StateData.writeInterval(each.overlap(), to);
        },
        out);
    out.writeInt(holds);
    out.writeInt(pauses);
    out.writeLong(position);
    out.writeLong(quietSince);
    out.writeLong(lastTalkEnd);
    out.writeInt(lastTalker);
    out.writeLong(overtalkMillis);
    out.writeLong(holdMillis);
    out.writeLong(pausedMillis);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    changes.addAll(
        StateData.readList(
            from ->
                new Change(
                    from.readLong(),
                    Kind.values()[from.readByte()],
                    from.readInt(),
                    from.readBoolean()),
            in));
    for (ChannelTalk channel : channels) {
      channel.load(in);
    }
    nonTalk.addAll(StateData.readList(StateData::readInterval, in));
    interruptions.addAll(
        StateData.readList(
            from -> new Interruption(from.readInt(), StateData.readInterval(from)), in));
    holds = in.readInt();
    pauses = in.readInt();
    position = in.readLong();
    quietSince = in.readLong();
    lastTalkEnd = in.readLong();
    lastTalker = in.readInt();
    overtalkMillis = in.readLong();
    holdMillis = in.readLong();
    pausedMillis = in.readLong();
  }

  private void add(Change change, long knownUntil) {
    if (change.millis < knownUntil) {
      throw new IllegalArgumentException(
          change + " lies before " + knownUntil + " ms, up to where everything was known");
    }
    changes.add(change);
  }

  private void sweep(long until) {
    while (!changes.isEmpty() && changes.peek().millis < until) {
      long millis = changes.peek().millis;
      accumulate(millis);
      while (!changes.isEmpty() && changes.peek().millis == millis) {
        apply(changes.poll());
      }
      transition(millis);
    }
    accumulate(until);
  }

  private void apply(Change change) {
    int step = change.begins ? 1 : -1;
    switch (change.kind) {
      case TALK -> channels[change.channel].open += step;
      case HOLD -> holds += step;
      case PAUSE -> pauses += step;
    }
  }

  /** Adds the time since the last point, in which nothing changed. */
  private void accumulate(long until) {
    long length = until - position;
    if (length <= 0) {
      return;
    }
    int talking = 0;
    for (ChannelTalk channel : channels) {
      if (channel.talks()) {
        channel.talkMillis += length;
        talking++;
      }
    }
    overtalkMillis += talking > 1 ? length : 0;
    pausedMillis += pauses > 0 ? length : 0;
    holdMillis += holds > 0 && pauses == 0 ? length : 0;
    position = until;
  }

  private void transition(long millis) {
    List<Integer> beginning = new ArrayList<>();
    List<Integer> stopping = new ArrayList<>();
    for (int channel = 0; channel < channels.length; channel++) {
      boolean talked = channels[channel].talks();
      boolean talks = channels[channel].open > 0 && holds == 0 && pauses == 0;
      if (talks && !talked) {
        beginning.add(channel);
      } else if (talked && !talks) {
        stopping.add(channel);
      }
    }
    stop(stopping, millis);
    if (holds > 0 || pauses > 0) {
      lastTalker = -1; // a wait across a hold is nobody's
    }
    begin(beginning, millis);
    boolean quiet = !anybodyTalks() && pauses == 0;
    if (!quiet) {
      endQuiet(millis);
    } else if (quietSince == NEVER) {
      quietSince = millis;
    }
  }

  private void endQuiet(long millis) {
    if (quietSince != NEVER && millis - quietSince > settings.nonTalkMillis()) {
      nonTalk.add(new Interval(quietSince, millis));
    }
    quietSince = NEVER;
  }

  private void stop(List<Integer> stopping, long millis) {
    for (int channel : stopping) {
      for (int other = 0; other < channels.length; other++) {
        if (channels[other].beganInside == channel && !stopping.contains(other)) {
          Interruption found = channels[other].outlast(other, millis, settings);
          if (found != null) {
            interruptions.add(found);
          }
        }
      }
    }
    for (int channel : stopping) {
      channels[channel].stop(millis);
      lastTalker = lastTalkEnd == millis ? -1 : channel;
      lastTalkEnd = millis;
    }
  }

  private void begin(List<Integer> beginning, long millis) {
    int talking = -1;
    boolean several = false;
    for (int channel = 0; channel < channels.length; channel++) {
      if (channels[channel].talks()) {
        several = talking >= 0;
        talking = channel;
      }
    }
    for (int channel : beginning) {
      ChannelTalk state = channels[channel];
      if (talking < 0 && beginning.size() == 1 && lastTalker >= 0 && lastTalker != channel) {
        state.respond(millis - lastTalkEnd);
      }
      state.begin(millis, several ? -1 : talking);
    }
  }

  private boolean anybodyTalks() {
    for (ChannelTalk channel : channels) {
      if (channel.talks()) {
        return true;
      }
    }
    return false;
  }
}
