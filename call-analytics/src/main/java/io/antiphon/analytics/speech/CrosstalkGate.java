package io.antiphon.analytics.speech;

import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Decides in which frames a channel's own party speaks: the detector says so, and the frame is
 * louder than the other channel's loudest within ±{@value #REACH_MILLIS} ms less a distance that
 * follows the leak of this call ({@link LeakEstimate}).
 *
 * <p>A frame is decided when the other channel is known that far; what comes out for a channel
 * depends on the frames of both, not on how they took turns in coming in. With one channel every
 * frame is decided at once.
 */
public final class CrosstalkGate {
  static final long REACH_MILLIS = 64;
  private static final double AUDIBLE_DBFS = -50;

  private final float threshold;
  private final List<Channel> channels = new ArrayList<>();

  /**
   * @param channels 1 or 2
   * @param threshold a frame with at least this probability holds speech
   */
  public CrosstalkGate(int channels, float threshold) {
    if (channels < 1 || channels > 2) {
      throw new IllegalArgumentException("channels is " + channels + ", expected 1 or 2");
    }
    this.threshold = threshold;
    for (int channel = 0; channel < channels; channel++) {
      this.channels.add(new Channel());
    }
  }

  /** Takes the channel's next frame, which begins where its last one ended. */
  public void frame(int channel, SpeechFrame frame) {
    Channel own = channels.get(channel);
    if (own.ended) {
      throw new IllegalStateException("channel " + channel + " has ended");
    }
    if (own.knownUntil >= 0 && own.knownUntil != frame.beginMillis()) {
      throw new IllegalArgumentException(
          "channel "
              + channel
              + ": frame begins at "
              + frame.beginMillis()
              + " ms, expected "
              + own.knownUntil
              + " ms");
    }
    own.knownUntil = frame.endMillis();
    own.undecided.add(frame);
    if (channels.size() == 2 && !channels.get(1 - channel).over()) {
      own.recent.add(new Level(frame, frame.energy().dbfs()));
    }
  }

  /** No frame of the channel follows. */
  public void end(int channel) {
    channels.get(channel).ended = true;
  }

  /** The channel's next decided frames, each once. */
  public List<GatedFrame> decided(int channel) {
    Channel own = channels.get(channel);
    List<GatedFrame> decided = new ArrayList<>();
    if (channels.size() == 1) {
      while (!own.undecided.isEmpty()) {
        SpeechFrame frame = own.undecided.poll();
        decided.add(new GatedFrame(frame, true, frame.probability() >= threshold));
      }
      return decided;
    }
    Channel other = channels.get(1 - channel);
    while (!own.undecided.isEmpty()
        && (other.ended || other.knownUntil >= own.undecided.peek().endMillis() + REACH_MILLIS)) {
      SpeechFrame frame = own.undecided.poll();
      decided.add(decide(own, frame, other));
      other.forget(frame.endMillis() - REACH_MILLIS);
    }
    return decided;
  }

  /** How far below the other channel a frame may be at the moment, in dB. */
  public double gateDecibels(int channel) {
    return channels.get(channel).leak.gateDecibels();
  }

  void save(DataOutput out) throws IOException {
    for (Channel channel : channels) {
      StateData.writeList(channel.undecided, StateData::writeFrame, out);
      StateData.writeList(
          channel.recent, (level, to) -> StateData.writeFrame(level.frame, to), out);
      channel.leak.save(out);
      out.writeLong(channel.knownUntil);
      out.writeBoolean(channel.ended);
    }
  }

  void load(DataInput in) throws IOException {
    for (Channel channel : channels) {
      channel.undecided.addAll(StateData.readList(StateData::readFrame, in));
      for (SpeechFrame frame : StateData.readList(StateData::readFrame, in)) {
        channel.recent.add(new Level(frame, frame.energy().dbfs()));
      }
      channel.leak.load(in);
      channel.knownUntil = in.readLong();
      channel.ended = in.readBoolean();
    }
  }

  private GatedFrame decide(Channel own, SpeechFrame frame, Channel other) {
    double loudest = Double.NEGATIVE_INFINITY;
    boolean otherSpeaks = false;
    for (Level level : other.recent) {
      if (level.frame.endMillis() > frame.beginMillis() - REACH_MILLIS
          && level.frame.beginMillis() < frame.endMillis() + REACH_MILLIS) {
        loudest = Math.max(loudest, level.dbfs);
        otherSpeaks |= level.frame.probability() >= threshold && level.dbfs > AUDIBLE_DBFS;
      }
    }
    if (otherSpeaks) {
      own.leak.otherSpeaks();
    }
    double level = frame.energy().dbfs();
    boolean louder = level > loudest - own.leak.gateDecibels();
    boolean speechLike = frame.probability() >= threshold;
    if (speechLike && otherSpeaks) {
      own.leak.both(loudest - level);
    }
    return new GatedFrame(frame, louder, speechLike && louder);
  }

  private record Level(SpeechFrame frame, double dbfs) {}

  private static final class Channel {
    private final Deque<SpeechFrame> undecided = new ArrayDeque<>();

    /** Frames that the other channel's next decisions still look at. */
    private final Deque<Level> recent = new ArrayDeque<>();

    private final LeakEstimate leak = new LeakEstimate();
    private long knownUntil = -1;
    private boolean ended;

    private boolean over() {
      return ended && undecided.isEmpty();
    }

    private void forget(long millis) {
      while (!recent.isEmpty() && recent.peek().frame.endMillis() <= millis) {
        recent.poll();
      }
    }
  }
}
