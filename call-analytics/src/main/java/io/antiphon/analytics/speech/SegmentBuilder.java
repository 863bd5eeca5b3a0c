package io.antiphon.analytics.speech;

import io.antiphon.analytics.Interval;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Makes segments of one channel's frames: speech with breaks of at most {@link
 * SpeechSettings#mergeMillis()} is one, and one shorter than {@link SpeechSettings#minimumMillis()}
 * is dropped.
 *
 * <p>A segment is announced as soon as it is long enough and ended when its break is too long to be
 * merged. In between {@link #knownUntil()} tells how far it is certain.
 */
public final class SegmentBuilder {
  /** Takes what is known, in order of media time. */
  public interface Listener {
    /** A segment begins here and will not be dropped. */
    void began(long millis);

    /** The segment that began last is this. */
    void ended(Interval segment);
  }

  private final SpeechSettings settings;
  private final Listener listener;
  private long position;
  private long begin = -1;
  private long lastSpeech;
  private boolean announced;

  public SegmentBuilder(SpeechSettings settings, Listener listener) {
    this.settings = settings;
    this.listener = listener;
  }

  /** Takes the next stretch, speech or not. */
  public void stretch(long beginMillis, long endMillis, boolean speech) {
    if (beginMillis < position || endMillis < beginMillis) {
      throw new IllegalArgumentException(
          "stretch from " + beginMillis + " to " + endMillis + " ms after " + position + " ms");
    }
    position = endMillis;
    if (!speech) {
      if (begin >= 0 && position - lastSpeech > settings.mergeMillis()) {
        close();
      }
      return;
    }
    if (begin >= 0 && beginMillis - lastSpeech > settings.mergeMillis()) {
      close();
    }
    if (begin < 0) {
      begin = beginMillis;
    }
    lastSpeech = endMillis;
    if (!announced && lastSpeech - begin >= settings.minimumMillis()) {
      announced = true;
      listener.began(begin);
    }
  }

  /** No stretch follows. */
  public void end() {
    if (begin >= 0) {
      close();
    }
  }

  /** Before this it is certain where the channel talks. */
  public long knownUntil() {
    if (begin < 0) {
      return position;
    }
    return announced ? lastSpeech : begin;
  }

  private void close() {
    if (announced) {
      listener.ended(new Interval(begin, lastSpeech));
    }
    begin = -1;
    announced = false;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(position);
    out.writeLong(begin);
    out.writeLong(lastSpeech);
    out.writeBoolean(announced);
  }

  void load(DataInput in) throws IOException {
    position = in.readLong();
    begin = in.readLong();
    lastSpeech = in.readLong();
    announced = in.readBoolean();
  }
}
