package io.antiphon.serde.audio;

/** Encodings in which every sample stands alone in a fixed number of bytes. */
enum SampleCoding {
  /** Signed 16 bit, little endian. */
  PCM16(2) {
    @Override
    short decode(byte[] bytes, int index) {
      return (short) ((bytes[2 * index] & 0xFF) | bytes[2 * index + 1] << 8);
    }

    @Override
    void encode(short sample, byte[] bytes, int index) {
      bytes[2 * index] = (byte) sample;
      bytes[2 * index + 1] = (byte) (sample >> 8);
    }
  },

  /** G.711 mu-law. */
  MULAW(1) {
    @Override
    short decode(byte[] bytes, int index) {
      return G711.decodeMuLaw(bytes[index]);
    }

    @Override
    void encode(short sample, byte[] bytes, int index) {
      bytes[index] = G711.encodeMuLaw(sample);
    }
  },

  /** G.711 A-law. */
  ALAW(1) {
    @Override
    short decode(byte[] bytes, int index) {
      return G711.decodeALaw(bytes[index]);
    }

    @Override
    void encode(short sample, byte[] bytes, int index) {
      bytes[index] = G711.encodeALaw(sample);
    }
  };

  /** What a full-scale 16-bit sample counts to. */
  static final float FULL_SCALE = 32_768f;

  private final int bytesPerSample;

  SampleCoding(int bytesPerSample) {
    this.bytesPerSample = bytesPerSample;
  }

  abstract short decode(byte[] bytes, int index);

  abstract void encode(short sample, byte[] bytes, int index);

  float[] decode(byte[] bytes) throws MalformedAudioException {
    if (bytes.length % bytesPerSample != 0) {
      throw new MalformedAudioException(
          "the audio chunk has "
              + bytes.length
              + " bytes; expected a multiple of "
              + bytesPerSample
              + " for 16-bit samples");
    }
    float[] samples = new float[bytes.length / bytesPerSample];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = decode(bytes, i) / FULL_SCALE;
    }
    return samples;
  }

  byte[] encode(float[] samples) {
    byte[] bytes = new byte[samples.length * bytesPerSample];
    for (int i = 0; i < samples.length; i++) {
      encode(quantize(samples[i]), bytes, i);
    }
    return bytes;
  }

  /** Nearest 16-bit sample; values outside [-1, 1) are clipped. */
  static short quantize(float sample) {
    int rounded = Math.round(sample * FULL_SCALE);
    return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, rounded));
  }

  /** Refuses what no 16-bit sample can say. */
  static void requireFinite(float[] samples) throws MalformedAudioException {
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
