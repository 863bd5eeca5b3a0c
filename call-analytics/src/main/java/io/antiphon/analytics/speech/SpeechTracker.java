package io.antiphon.analytics.speech;

import io.antiphon.analytics.Interval;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The way from detector frames to segments and utterances of all channels of a call.
 *
 * <p>For each channel the listener hears the same calls with the same values in the same order,
 * whatever the frames' interleaving; how the channels' calls interleave depends on it.
 */
public final class SpeechTracker {
  /** Takes what is known. */
  public interface Listener {
    /** A frame that is decided, before what it made known. */
    void frame(int channel, GatedFrame frame);

    void talkBegan(int channel, long millis);

    void talkEnded(int channel, Interval segment);

    /** Before {@code millis} it is certain where the channel talks. */
    void known(int channel, long millis);

    void utterance(Utterance utterance);
  }

  private final CrosstalkGate gate;
  private final Listener listener;
  private final List<SegmentBuilder> segments = new ArrayList<>();
  private final List<UtteranceCutter> utterances = new ArrayList<>();
  private final boolean[] ended;
  private final boolean[] closed;

  /**
   * @param channels 1 or 2
   */
  public SpeechTracker(int channels, SpeechSettings settings, Listener listener) {
    this.gate = new CrosstalkGate(channels, settings.threshold());
    this.listener = listener;
    this.ended = new boolean[channels];
    this.closed = new boolean[channels];
    for (int channel = 0; channel < channels; channel++) {
      UtteranceCutter cutter = new UtteranceCutter(channel, settings);
      utterances.add(cutter);
      segments.add(new SegmentBuilder(settings, listener(channel, cutter)));
    }
  }

  /** Takes a channel's next frame. */
  public void frame(int channel, SpeechFrame frame) {
    gate.frame(channel, frame);
    drain();
  }

  /** No frame of the channel follows. */
  public void end(int channel) {
    gate.end(channel);
    ended[channel] = true;
    drain();
  }

  /** Where the channel's utterance that goes on began; -1 if none does. */
  public long openSince(int channel) {
    return utterances.get(channel).openSince();
  }

  /** Number of the channel's utterance that goes on or comes next. */
  public int openNumber(int channel) {
    return utterances.get(channel).number();
  }

  /** Before this media time no utterance of the channel ends that is not complete yet. */
  public long endsFrom(int channel) {
    return utterances.get(channel).endsFrom(segments.get(channel).knownUntil());
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    gate.save(out);
    for (int channel = 0; channel < ended.length; channel++) {
      segments.get(channel).save(out);
      utterances.get(channel).save(out);
      out.writeBoolean(ended[channel]);
      out.writeBoolean(closed[channel]);
    }
  }

  /**
   * Goes on where another one was saved; to be called on a new one.
   *
   * @param version of {@link io.antiphon.analytics.calls.CallAnalysis}'s state
   */
  public void load(int version, DataInput in) throws IOException {
    gate.load(in);
    for (int channel = 0; channel < ended.length; channel++) {
      segments.get(channel).load(version, in);
      utterances.get(channel).load(in);
      ended[channel] = in.readBoolean();
      closed[channel] = in.readBoolean();
    }
  }

  private void drain() {
    for (int channel = 0; channel < ended.length; channel++) {
      SegmentBuilder builder = segments.get(channel);
      for (GatedFrame frame : gate.decided(channel)) {
        listener.frame(channel, frame);
        builder.frame(frame);
        utterances
            .get(channel)
            .frame(frame.frame(), builder.knownUntil())
            .forEach(listener::utterance);
        listener.known(channel, builder.knownUntil());
      }
    }
    boolean all = true;
    for (boolean each : ended) {
      all &= each;
    }
    for (int channel = 0; all && channel < ended.length; channel++) {
      if (!closed[channel]) {
        closed[channel] = true;
        segments.get(channel).end();
        utterances.get(channel).end().forEach(listener::utterance);
        listener.known(channel, segments.get(channel).knownUntil());
      }
    }
  }

  private SegmentBuilder.Listener listener(int channel, UtteranceCutter cutter) {
    return new SegmentBuilder.Listener() {
      @Override
      public void began(long millis) {
        cutter.talkBegan(millis);
        listener.talkBegan(channel, millis);
      }

      @Override
      public void ended(Interval segment) {
        cutter.talkEnded(segment.endMillis());
        listener.talkEnded(channel, segment);
      }
    };
  }
}
