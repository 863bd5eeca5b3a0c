package io.antiphon.operators.calls;

import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * A channel's bytes on their way into a {@link CallStream}: decoding, and the place of each chunk
 * in media time. What a chunk says of its place is believed where it differs from the count of the
 * samples by more than {@value #TOLERANCE_MILLIS} ms.
 */
final class CallChannel {
  /** What becomes of a chunk. */
  enum Place {
    /** It was heard. */
    HEARD,
    /** All of it lies before what was heard already. */
    LATE,
    /** It lies further ahead than any silence is believed. */
    TOO_FAR
  }

  /** The longest silence that a chunk can claim before itself: an hour. */
  static final long LONGEST_GAP_MILLIS = 3_600_000;

  private static final long TOLERANCE_MILLIS = 10;
  private static final int SAMPLES_PER_MILLI = SpeechDetector.SAMPLE_RATE / 1000;

  private final int channel;
  private final AudioFormat format;
  private final CallStream stream;
  private final int bytesPerSample;
  private AudioDecoder decoder;

  /** Where the decoder began, in samples of the stream. */
  private long begun;

  /** Bytes that the decoder took since. */
  private long bytes;

  CallChannel(int channel, AudioFormat format, CallStream stream) {
    this.channel = channel;
    this.format = format;
    this.stream = stream;
    this.bytesPerSample =
        Arrays.stream(SampleCoding.values())
            .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(format.getEncoding()))
            .mapToInt(SampleCoding::bytesPerSample)
            .findFirst()
            .orElse(0);
    try {
      this.decoder = AudioDecoder.of(format);
    } catch (UnsupportedAudioFormatException e) {
      throw new IllegalStateException("a format that was checked", e);
    }
  }

  /** Media time up to which sound came. */
  long millis() {
    return (position() + SAMPLES_PER_MILLI - 1) / SAMPLES_PER_MILLI;
  }

  /** In samples of the stream; the decoder may hold some of them back. */
  private long position() {
    return bytesPerSample == 0
        ? stream.length(channel)
        : begun + bytes / bytesPerSample * SpeechDetector.SAMPLE_RATE / format.getSampleRate();
  }

  /** How far a chunk lies behind what came before it, in milliseconds; 0 where it follows. */
  long gapMillis(long offsetMillis) {
    long gap = offsetMillis - millis();
    return offsetMillis < 0 || gap <= TOLERANCE_MILLIS ? 0 : gap;
  }

  /**
   * @param offsetMillis where the chunk begins; negative: where the one before ended
   * @throws MalformedAudioException when the bytes are none of the format
   */
  Place append(byte[] chunk, long offsetMillis) throws MalformedAudioException {
    byte[] rest = chunk;
    long gap = gapMillis(offsetMillis);
    if (gap > LONGEST_GAP_MILLIS) {
      return Place.TOO_FAR;
    }
    if (gap > 0) {
      silenceUntil(offsetMillis);
    } else if (offsetMillis >= 0 && millis() - offsetMillis > TOLERANCE_MILLIS) {
      rest = behind(chunk, millis() - offsetMillis);
      if (rest.length == 0) {
        return Place.LATE;
      }
    }
    float[] samples = decoder.decode(rest);
    bytes += rest.length;
    hear(samples);
    return Place.HEARD;
  }

  /** What of a chunk lies behind so many milliseconds; a packet can only be taken as a whole. */
  private byte[] behind(byte[] chunk, long millis) {
    if (bytesPerSample == 0) {
      return new byte[0];
    }
    long cut = millis * format.getSampleRate() / 1000 * bytesPerSample;
    return cut >= chunk.length ? new byte[0] : Arrays.copyOfRange(chunk, (int) cut, chunk.length);
  }

  /** Nothing was heard up to this media time. */
  void silenceUntil(long millis) {
    flush();
    long silent = millis * SAMPLES_PER_MILLI - stream.length(channel);
    if (silent > 0) {
      stream.silence(channel, silent);
    }
    begun = stream.length(channel);
  }

  /** Hears what the decoder holds back; it begins anew. */
  void flush() {
    hear(decoder.flush());
    begun = stream.length(channel);
    bytes = 0;
  }

  /** What is said while nothing may be recorded goes no further than here. */
  private void hear(float[] samples) {
    long from = stream.length(channel);
    for (int i = 0; i < samples.length; i++) {
      if (stream.analysis().pausedAt((from + i) / SAMPLES_PER_MILLI)) {
        samples[i] = 0;
      }
    }
    stream.audio(channel, samples);
  }

  void save(DataOutput out) throws IOException {
    StateEncoding.writeBytes(decoder.state(), out);
    out.writeLong(begun);
    out.writeLong(bytes);
  }

  void load(DataInput in) throws IOException {
    try {
      decoder = AudioDecoder.restore(format, StateEncoding.readBytes(in));
    } catch (UnsupportedAudioFormatException e) {
      throw new IOException(e);
    }
    begun = in.readLong();
    bytes = in.readLong();
  }
}
