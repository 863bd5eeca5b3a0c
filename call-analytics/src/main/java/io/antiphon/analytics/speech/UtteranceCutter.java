package io.antiphon.analytics.speech;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.speech.Utterance.End;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a channel's segments into utterances: silence ends one ({@link
 * SpeechSettings#utteranceSilenceMillis()}), and a long one is cut where it is least speech-like
 * ({@link SpeechSettings#utteranceSoftMillis()}, {@link SpeechSettings#utteranceHardMillis()}).
 */
public final class UtteranceCutter {
  private final int channel;
  private final SpeechSettings settings;
  private final Deque<SpeechFrame> searched = new ArrayDeque<>();
  private int number;
  private long begin = -1;
  private boolean talking;
  private long lastTalk;

  public UtteranceCutter(int channel, SpeechSettings settings) {
    this.channel = channel;
    this.settings = settings;
  }

  /** A segment began. */
  public void talkBegan(long millis) {
    talking = true;
    if (begin < 0) {
      begin = millis;
    }
  }

  /** The segment ended. */
  public void talkEnded(long millis) {
    talking = false;
    lastTalk = millis;
  }

  /**
   * Takes the next frame, after the begins and ends of segments that it made known.
   *
   * @param knownUntil before this it is certain where the channel talks
   * @return the utterances that are complete now
   */
  public List<Utterance> frame(SpeechFrame frame, long knownUntil) {
    List<Utterance> complete = new ArrayList<>();
    searched.add(frame);
    while (searched.peek().endMillis() <= frame.endMillis() - settings.utteranceSearchMillis()) {
      searched.poll();
    }
    if (begin < 0) {
      return complete;
    }
    if (!talking && knownUntil - lastTalk >= settings.utteranceSilenceMillis()) {
      return finish(End.SILENCE);
    }
    long length = frame.endMillis() - begin;
    if (talking && length >= settings.utteranceSoftMillis()) {
      SpeechFrame least = leastSpeechLike();
      if (least.probability() < settings.threshold() || length >= settings.utteranceHardMillis()) {
        complete.add(complete(least.beginMillis(), End.LENGTH));
        begin = least.beginMillis();
      }
    }
    return complete;
  }

  /** The channel has ended, and so has its last segment. */
  public List<Utterance> end() {
    return begin < 0 ? List.of() : finish(End.CALL_ENDED);
  }

  /** Where the utterance that goes on began; -1 if none does. */
  public long openSince() {
    return begin;
  }

  /**
   * Before this no utterance ends that is not complete yet: one that goes on ends where it was last
   * talked in, or is cut where {@link #leastSpeechLike} will be, among frames no longer than the
   * silence that ends an utterance.
   *
   * @param knownUntil before this it is certain where the channel talks
   */
  long endsFrom(long knownUntil) {
    if (begin < 0) {
      return knownUntil;
    }
    long cut = settings.earliestCut(begin, knownUntil);
    return talking ? cut : Math.min(lastTalk, cut);
  }

  /** The number of the utterance that goes on or comes next. */
  public int number() {
    return number;
  }

  private List<Utterance> finish(End reason) {
    // After a cut nothing may have been said any more.
    List<Utterance> last = lastTalk > begin ? List.of(complete(lastTalk, reason)) : List.of();
    begin = -1;
    return last;
  }

  private SpeechFrame leastSpeechLike() {
    SpeechFrame least = null;
    for (SpeechFrame frame : searched) {
      if (frame.beginMillis() > begin
          && (least == null || frame.probability() < least.probability())) {
        least = frame;
      }
    }
    if (least == null) {
      throw new IllegalStateException("no frame within the utterance since " + begin + " ms");
    }
    return least;
  }

  private Utterance complete(long end, End reason) {
    return new Utterance(channel, number++, new Interval(begin, end), reason);
  }

  void save(DataOutput out) throws IOException {
    StateData.writeList(searched, StateData::writeFrame, out);
    out.writeInt(number);
    out.writeLong(begin);
    out.writeBoolean(talking);
    out.writeLong(lastTalk);
  }

  void load(DataInput in) throws IOException {
    searched.addAll(StateData.readList(StateData::readFrame, in));
    number = in.readInt();
    begin = in.readLong();
    talking = in.readBoolean();
    lastTalk = in.readLong();
  }
}
