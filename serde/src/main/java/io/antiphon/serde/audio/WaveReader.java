package io.antiphon.serde.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the RIFF chunks of one WAVE file. */
final class WaveReader {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int EXTENSIBLE = 0xFFFE;

  /**
   * A data chunk of this length was written by a program that did not know the length: to the end.
   */
  private static final long UNKNOWN_LENGTH = 0xFFFFFFFFL;

  private final ByteBuffer bytes;
  private final String name;

  private int encoding;
  private int channels;
  private int sampleRate;
  private int bitsPerSample;

  WaveReader(byte[] bytes, String name) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.name = name;
  }

  WaveFile read() throws WaveFormatException {
    if (bytes.remaining() < 12 || !tag().equals("RIFF") || skip(4) || !tag().equals("WAVE")) {
      throw error("is no WAVE file: it does not begin with RIFF and WAVE");
    }
    boolean formatSeen = false;
    while (bytes.remaining() >= 8) {
      String tag = tag();
      long length = Integer.toUnsignedLong(bytes.getInt());
      if (tag.equals("data")) {
        if (!formatSeen) {
          throw error("has its samples before their format (no fmt chunk)");
        }
        return new WaveFile(sampleRate, samples(length));
      }
      if (length > bytes.remaining()) {
        throw error("is cut off in its chunk \"" + tag + "\"");
      }
      int next = bytes.position() + (int) length + (int) (length & 1);
      if (tag.equals("fmt ")) {
        format((int) length);
        formatSeen = true;
      }
      bytes.position(Math.min(next, bytes.limit()));
    }
    throw error("has no samples (no data chunk)");
  }

  private void format(int length) throws WaveFormatException {
    if (length < 16) {
      throw error("has a format chunk of " + length + " bytes; expected at least 16");
    }
    int start = bytes.position();
    encoding = Short.toUnsignedInt(bytes.getShort(start));
    channels = Short.toUnsignedInt(bytes.getShort(start + 2));
    sampleRate = bytes.getInt(start + 4);
    bitsPerSample = Short.toUnsignedInt(bytes.getShort(start + 14));
    if (encoding == EXTENSIBLE) {
      if (length < 40) {
        throw error("has an extensible format chunk of " + length + " bytes; expected 40");
      }
      encoding = Short.toUnsignedInt(bytes.getShort(start + 24)); // the sub-format's first field
    }
    boolean known =
        (encoding == PCM && bitsPerSample == 16) || (encoding == FLOAT && bitsPerSample == 32);
    if (!known) {
      throw error(
          "holds encoding "
              + encoding
              + " with "
              + bitsPerSample
              + " bits; expected 16-bit PCM (1) or 32-bit float (3)");
    }
    if (channels == 0) {
      throw error("has 0 channels; expected at least 1");
    }
    if (sampleRate < 1_000 || sampleRate > 384_000) {
      throw error("has a sample rate of " + sampleRate + "; expected 1000 to 384000");
    }
  }

  private float[] samples(long length) throws WaveFormatException {
    long available = length == UNKNOWN_LENGTH ? bytes.remaining() : length;
    if (available > bytes.remaining()) {
      throw error(
          "is cut off: its data chunk has " + bytes.remaining() + " of " + length + " bytes");
    }
    int frameBytes = channels * bitsPerSample / 8;
    if (available % frameBytes != 0) {
      throw error(
          "has a data chunk of " + available + " bytes; expected a multiple of " + frameBytes);
    }
    float[] samples = new float[(int) (available / frameBytes)];
    for (int i = 0; i < samples.length; i++) {
      float sum = 0;
      for (int channel = 0; channel < channels; channel++) {
        sum += encoding == PCM ? bytes.getShort() / SampleCoding.FULL_SCALE : bytes.getFloat();
      }
      samples[i] = sum / channels;
      if (!Float.isFinite(samples[i])) {
        throw error("has " + samples[i] + " as sample " + i + "; expected a number");
      }
    }
    return samples;
  }

  private String tag() {
    byte[] tag = new byte[4];
    bytes.get(tag);
    return new String(tag, StandardCharsets.ISO_8859_1);
  }

  /** Skips bytes; always false, so that it can stand in a condition. */
  private boolean skip(int count) {
    bytes.position(bytes.position() + count);
    return false;
  }

  private WaveFormatException error(String problem) {
    return new WaveFormatException(name + " " + problem);
  }
}
