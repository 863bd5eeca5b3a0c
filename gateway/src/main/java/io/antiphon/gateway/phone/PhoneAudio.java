package io.antiphon.gateway.phone;

import java.util.Arrays;

/**
 * How the samples of a call are coded, in both directions: mono, interleaved with nothing.
 *
 * @param coding the bytes of one sample
 * @param sampleRate hertz: 8 000, 16 000, 24 000 or 48 000
 */
public record PhoneAudio(Coding coding, int sampleRate) {
  /** Milliseconds of the frames that go out. */
  public static final int FRAME_MILLIS = 20;

  /** What nearly every telephone network speaks. */
  public static final PhoneAudio MU_LAW = new PhoneAudio(Coding.MU_LAW, 8_000);

  /** The bytes of one sample. */
  public enum Coding {
    /** ITU-T G.711 mu-law, one byte. */
    MU_LAW(1, (byte) 0xFF),
    /** ITU-T G.711 A-law, one byte. */
    A_LAW(1, (byte) 0xD5),
    /** Signed 16 bit, little endian. */
    PCM16(2, (byte) 0);

    private final int bytes;
    private final byte silence;

    Coding(int bytes, byte silence) {
      this.bytes = bytes;
      this.silence = silence;
    }
  }

  public PhoneAudio {
    if (sampleRate != 8_000
        && sampleRate != 16_000
        && sampleRate != 24_000
        && sampleRate != 48_000) {
      throw new IllegalArgumentException(
          "sample rate " + sampleRate + "; expected 8000, 16000, 24000 or 48000");
    }
    if (coding != Coding.PCM16 && sampleRate != 8_000) {
      throw new IllegalArgumentException(
          "sample rate " + sampleRate + " of " + coding + "; expected 8000");
    }
  }

  /** Bytes of one sample. */
  public int sampleBytes() {
    return coding.bytes;
  }

  /** Bytes of {@value #FRAME_MILLIS} ms. */
  public int frameBytes() {
    return bytes(FRAME_MILLIS);
  }

  /** Bytes of so many milliseconds. */
  public int bytes(long millis) {
    return Math.toIntExact(millis * sampleRate / 1000 * coding.bytes);
  }

  /** Whole milliseconds that so many bytes last. */
  public long millis(long bytes) {
    return bytes / coding.bytes * 1000 / sampleRate;
  }

  /** So many bytes of silence. */
  public byte[] silence(int bytes) {
    byte[] silence = new byte[bytes];
    Arrays.fill(silence, coding.silence);
    return silence;
  }
}
