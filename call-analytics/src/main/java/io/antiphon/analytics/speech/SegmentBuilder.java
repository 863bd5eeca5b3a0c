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
 * <p>The speech detector is late at both edges, the more so the noisier the line is. So a segment
 * begins where the frames right before its first speech frame rise out of the noise, at most
 * {@value #BEGIN_MILLIS} ms before it; and it ends where the last of its frames rises out of the
 * noise, at most {@value #END_MILLIS} ms before its last speech frame ends.
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

  private static final long BEGIN_MILLIS = 160;
  private static final long END_MILLIS = 128;

  /** A frame is loud when it is so much louder than the noise. */
  private static final double LOUD_DECIBELS = 4;

  /** So long behind the begin of the first loud frame the sound begins, on the mean. */
  private static final long BEGIN_WITHIN_MILLIS = 16;

  /** So long before the end of the last loud frame the sound ends. */
  private static final long END_WITHIN_MILLIS = 8;

  private final SpeechSettings settings;
  private final Listener listener;
  private final NoiseFloor noise = new NoiseFloor();
  private long position;

  /** Begin of the loud frames that the last one belongs to, outside segments; -1 for none. */
  private long loudSince = -1;

  private long begin = -1;

  /** Begin of the segment's first speech frame. */
  private long firstSpeech;

  /** End of its last one. */
  private long lastSpeech;

  /** Noise in dBFS where the segment began. */
  private double floor;

  /** End of its first or its last loud speech frame. */
  private long lastLoud;

  private boolean announced;

  public SegmentBuilder(SpeechSettings settings, Listener listener) {
    this.settings = settings;
    this.listener = listener;
  }

  /** Takes the next frame, speech or not. */
  public void frame(GatedFrame gated) {
    SpeechFrame frame = gated.frame();
    if (frame.beginMillis() < position) {
      throw new IllegalArgumentException(
          "frame from "
              + frame.beginMillis()
              + " to "
              + frame.endMillis()
              + " ms after "
              + position
              + " ms");
    }
    position = frame.endMillis();
    long silentUntil = gated.speech() ? frame.beginMillis() : position;
    if (begin >= 0 && silentUntil - lastSpeech > settings.mergeMillis()) {
      close();
    }
    double level = frame.energy().dbfs();
    if (gated.speech()) {
      speech(frame, level);
    } else {
      silence(frame, level, gated.own());
    }
  }

  private void speech(SpeechFrame frame, double level) {
    if (begin < 0) {
      firstSpeech = frame.beginMillis();
      floor = noise.dbfs();
      lastLoud = frame.endMillis();
      begin = firstSpeech;
      if (loudSince >= 0) {
        long earliest = Math.max(loudSince, firstSpeech - BEGIN_MILLIS);
        begin = Math.min(firstSpeech, earliest + BEGIN_WITHIN_MILLIS);
        loudSince = -1;
      }
    }
    lastSpeech = frame.endMillis();
    if (level > floor + LOUD_DECIBELS) {
      lastLoud = lastSpeech;
    }
    if (!announced && lastSpeech - firstSpeech >= settings.minimumMillis()) {
      announced = true;
      listener.began(begin);
    }
  }

  private void silence(SpeechFrame frame, double level, boolean own) {
    boolean loud = own && level > noise.dbfs() + LOUD_DECIBELS;
    if (!loud || begin >= 0) {
      loudSince = -1;
    } else if (loudSince < 0) {
      loudSince = frame.beginMillis();
    }
    noise.silent(level);
  }

  /** No frame follows. */
  public void end() {
    if (begin >= 0) {
      close();
    }
  }

  /** Before this it is certain where the channel talks. */
  public long knownUntil() {
    if (begin >= 0) {
      return announced ? endSoFar() : begin;
    }
    return loudSince < 0 ? position : Math.max(loudSince, position - BEGIN_MILLIS);
  }

  /** Where the segment ends if no speech follows; it never falls. */
  private long endSoFar() {
    long end = Math.max(lastLoud, lastSpeech - END_MILLIS) - END_WITHIN_MILLIS;
    return Math.max(begin + 1, end);
  }

  private void close() {
    if (announced) {
      listener.ended(new Interval(begin, endSoFar()));
    }
    begin = -1;
    announced = false;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(position);
    out.writeLong(begin);
    out.writeLong(lastSpeech);
    out.writeBoolean(announced);
    out.writeLong(loudSince);
    out.writeLong(firstSpeech);
    out.writeDouble(floor);
    out.writeLong(lastLoud);
    noise.save(out);
  }

  /**
   * Goes on where another one was saved; to be called on a new one.
   *
   * @param edged whether it was saved with loudness; one without goes on as it was: what was known
   *     of a segment stays so
   */
  void load(boolean edged, DataInput in) throws IOException {
    position = in.readLong();
    begin = in.readLong();
    lastSpeech = in.readLong();
    announced = in.readBoolean();
    if (edged) {
      loudSince = in.readLong();
      firstSpeech = in.readLong();
      floor = in.readDouble();
      lastLoud = in.readLong();
      noise.load(in);
    } else {
      firstSpeech = begin;
      floor = NoiseFloor.LEAST_DBFS;
      lastLoud = lastSpeech + END_WITHIN_MILLIS;
    }
  }
}
