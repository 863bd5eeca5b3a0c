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
 * begins where the sound that it missed rises out of the noise ({@link MissedSound}); and it ends
 * where the last of its frames rises out of the noise, at most {@value #END_MILLIS} ms before its
 * last speech frame ends: a voice fades, so {@value #END_LOUD_DECIBELS} dB are enough for that.
 * Where the detector still hears the other party's leak, or speech that ended, it is early: a
 * segment that begins in the noise begins where it rises out of it, at most {@value #EARLY_MILLIS}
 * ms later.
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

  /** So much too early the detector is at most. */
  private static final long EARLY_MILLIS = 416;

  private static final long END_MILLIS = 64;

  /** The last frames of a segment are loud when they are so much louder than the noise. */
  private static final double END_LOUD_DECIBELS = 1.5;

  /** A frame before those is loud when it is so much louder than the noise. */
  private static final double LOUD_DECIBELS = 4;

  /** So long behind the begin of the first loud frame the sound begins, on the mean. */
  private static final long BEGIN_WITHIN_MILLIS = 16;

  /** So long before the end of the last loud frame the sound ends. */
  private static final long END_WITHIN_MILLIS = 8;

  private final SpeechSettings settings;
  private final Listener listener;
  private final NoiseFloor noise = new NoiseFloor();
  private long position;

  /** Outside segments, and in one that has not risen out of the noise. */
  private final MissedSound missed = new MissedSound();

  private long begin = -1;

  /** Begin of the segment's first speech frame. */
  private long firstSpeech;

  /** End of its last one. */
  private long lastSpeech;

  /** Noise in dBFS where the segment began. */
  private double floor;

  /** End of its first or its last loud speech frame. */
  private long lastLoud;

  /** Whether the segment's frames were all in the noise by now and it may begin later. */
  private boolean quiet;

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
      quiet = level <= floor + LOUD_DECIBELS;
      if (missed.begin(firstSpeech) < firstSpeech) {
        rises(firstSpeech);
      }
    }
    lastSpeech = frame.endMillis();
    quiet &= frame.beginMillis() - firstSpeech <= EARLY_MILLIS;
    if (level > floor + END_LOUD_DECIBELS) {
      lastLoud = lastSpeech;
    }
    if (quiet && level > floor + LOUD_DECIBELS) {
      rises(frame.beginMillis());
    }
    if (!quiet) {
      missed.clear();
      announce();
    }
  }

  /** The segment rises out of the noise by this, or before. */
  private void rises(long millis) {
    begin = missed.begin(millis) + BEGIN_WITHIN_MILLIS;
    quiet = false;
  }

  private void announce() {
    if (!announced && lastSpeech - firstSpeech >= settings.minimumMillis()) {
      announced = true;
      listener.began(begin);
    }
  }

  private void silence(SpeechFrame frame, double level, boolean own) {
    if (begin < 0 || quiet) {
      missed.frame(frame, own && level > noise.dbfs() + LOUD_DECIBELS);
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
    return missed.earliest(position);
  }

  /** Where the segment ends if no speech follows; it never falls. */
  private long endSoFar() {
    long end = Math.max(lastLoud, lastSpeech - END_MILLIS) - END_WITHIN_MILLIS;
    return Math.max(begin + 1, end);
  }

  private void close() {
    announce();
    if (announced) {
      listener.ended(new Interval(begin, endSoFar()));
    }
    missed.clear(); // a break holds nothing of the next segment
    begin = -1;
    quiet = false;
    announced = false;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(position);
    out.writeLong(begin);
    out.writeLong(lastSpeech);
    out.writeBoolean(announced);
    out.writeLong(firstSpeech);
    out.writeDouble(floor);
    out.writeLong(lastLoud);
    noise.save(out);
    missed.save(out);
    out.writeBoolean(quiet);
  }

  /**
   * Goes on where another one was saved; to be called on a new one.
   *
   * @param version of {@link io.antiphon.analytics.calls.CallAnalysis}'s state: 1 was saved without
   *     loudness, 2 with no more of a missed sound than the begin of one that lasts. What was known
   *     of a segment stays so
   */
  void load(int version, DataInput in) throws IOException {
    position = in.readLong();
    begin = in.readLong();
    lastSpeech = in.readLong();
    announced = in.readBoolean();
    if (version == 1) {
      firstSpeech = begin;
      floor = NoiseFloor.LEAST_DBFS;
      lastLoud = lastSpeech + END_WITHIN_MILLIS;
      return;
    }
    long loudSince = version == 2 ? in.readLong() : -1;
    firstSpeech = in.readLong();
    floor = in.readDouble();
    lastLoud = in.readLong();
    noise.load(in);
    if (version == 2) {
      missed.load(loudSince, position);
    } else {
      missed.load(in);
      quiet = in.readBoolean();
    }
  }
}
