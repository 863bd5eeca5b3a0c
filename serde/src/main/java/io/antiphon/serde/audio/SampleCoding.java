package io.antiphon.serde.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Encodings in which every sample stands alone in a fixed number of bytes, and the one place that
 * knows how samples in [-1, 1] and 16-bit samples become each other: -1 is -32768, and what lies
 * outside is clipped.
 */
public enum SampleCoding {
  /** Signed 16 bit, little endian. */
  PCM16(2) {
    @Override
    short decode(byte[] bytes, int at) {
      return (short) ((bytes[at] & 0xFF) | bytes[at + 1] << 8);
    }

    @Override
    void encode(short sample, byte[] bytes, int at) {
      bytes[at] = (byte) sample;
      bytes[at + 1] = (byte) (sample >> 8);
    }
  },

  /** G.711 mu-law. */
  MULAW(1) {
    @Override
    short decode(byte[] bytes, int at) {
      return G711.decodeMuLaw(bytes[at]);
    }

    @Override
    void encode(short sample, byte[] bytes, int at) {
      bytes[at] = G711.encodeMuLaw(sample);
    }
  },

  /** G.711 A-law. */
  ALAW(1) {
    @Override
    short decode(byte[] bytes, int at) {
      return G711.decodeALaw(bytes[at]);
    }

    @Override
    void encode(short sample, byte[] bytes, int at) {
      bytes[at] = G711.encodeALaw(sample);
    }
  };

  /** What a full-scale 16-bit sample counts to. */
  static final float FULL_SCALE = 32_768f;

  private final int bytesPerSample;

  SampleCoding(int bytesPerSample) {
    this.bytesPerSample = bytesPerSample;
  }

  /** Bytes of one sample. */
  public int bytesPerSample() {
    return bytesPerSample;
  }

  abstract short decode(byte[] bytes, int at);

  abstract void encode(short sample, byte[] bytes, int at);

  /**
   * Samples in [-1, 1) of whole encoded samples.
   *
   * @param length bytes to decode from {@code from} on, a multiple of {@link #bytesPerSample()}
   */
  public float[] decode(byte[] bytes, int from, int length) {
    float[] samples = new float[length / bytesPerSample];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = toFloat(decode(bytes, from + i * bytesPerSample));
    }
    return samples;
  }

  /** The encoded bytes of samples; values outside [-1, 1) are clipped. */
  public byte[] encode(float[] samples) {
    byte[] bytes = new byte[samples.length * bytesPerSample];
    for (int i = 0; i < samples.length; i++) {
      encode(quantize(samples[i]), bytes, i * bytesPerSample);
    }
    return bytes;
  }

  /** Nearest 16-bit sample; values outside [-1, 1) are clipped, NaN becomes 0. */
  public static short quantize(float sample) {
    int rounded = Math.round(sample * FULL_SCALE);
    return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, rounded));
  }

  /** {@link #quantize} of each sample. */
  public static short[] to16Bits(float[] samples) {
    short[] quantized = new short[samples.length];
    for (int i = 0; i < quantized.length; i++) {
      quantized[i] = quantize(samples[i]);
    }
    return quantized;
  }

  /** The sample in [-1, 1) of a 16-bit one; exact. */
  public static float toFloat(short sample) {
    return sample / FULL_SCALE;
  }

  /** {@link #toFloat} of each sample. */
  public static float[] toFloats(short[] samples) {
    float[] floats = new float[samples.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = toFloat(samples[i]);
    }
    return floats;
  }

  /** 16-bit samples as little-endian bytes, ready to be read. */
  public static ByteBuffer toPcm16(short[] samples, int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(samples, from, to - from);
    return bytes;
  }

  /** 16-bit samples of little-endian bytes; half a sample at the end is left out. */
  public static short[] fromPcm16(ByteBuffer bytes) {
    short[] samples = new short[bytes.remaining() / 2];
    bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    return samples;
  }

  /**
   * Refuses what no 16-bit sample can say.
   *
   * @throws MalformedAudioException when a sample is NaN or infinite
   */
  public static void requireFinite(float[] samples) throws MalformedAudioException {
    for (int i = 0; i < samples.length; i++) {
      if (!Float.isFinite(samples[i])) {
        throw new MalformedAudioException(
            "sample "
                + i
                + " of "
                + samples.length
                + " is "
                + samples[i]
                + "; expected a number in [-1, 1]");
      }
    }
  }
}
