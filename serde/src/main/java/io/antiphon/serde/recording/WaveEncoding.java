package io.antiphon.serde.recording;

import io.antiphon.serde.audio.Gsm610Decoder;
import io.antiphon.serde.audio.SampleCoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** How a WAVE file's samples are written: blocks of bytes that become blocks of samples. */
final class WaveEncoding {
  private static final int INTEGER = 1;
  private static final int FLOAT = 3;
  private static final int A_LAW = 6;
  private static final int MU_LAW = 7;
  private static final int GSM = 0x31;

  /** Turns whole blocks into samples. */
  private interface Decoder {
    void decode(byte[] bytes, float[] samples, int count);
  }

  private final String name;
  private final int blockBytes;
  private final int blockSamples;
  private final Decoder decoder;

  private WaveEncoding(String name, int blockBytes, int blockSamples, Decoder decoder) {
    this.name = name;
    this.blockBytes = blockBytes;
    this.blockSamples = blockSamples;
    this.decoder = decoder;
  }

  /**
   * The encoding of a format tag.
   *
   * @param sampleBytes bytes that one sample takes in the file
   * @return null when it is none that is read here
   */
  static @Nullable WaveEncoding of(int tag, int sampleBytes, int channels) {
    return switch (tag) {
      case INTEGER ->
          switch (sampleBytes) {
            case 1 -> single("8 bit", 1, bytes -> ((bytes.get() & 0xFF) - 128) / 128f);
            case 2 -> single("16 bit", 2, bytes -> SampleCoding.toFloat(bytes.getShort()));
            case 3 -> single("24 bit", 3, WaveEncoding::threeBytes);
            case 4 -> single("32 bit", 4, bytes -> bytes.getInt() / 0x1p31f);
            default -> null;
          };
      case FLOAT ->
          switch (sampleBytes) {
            case 4 -> single("32 bit float", 4, ByteBuffer::getFloat);
            case 8 -> single("64 bit float", 8, bytes -> (float) bytes.getDouble());
            default -> null;
          };
      case A_LAW -> sampleBytes == 1 ? companded("A-law", SampleCoding.ALAW) : null;
      case MU_LAW -> sampleBytes == 1 ? companded("mu-law", SampleCoding.MULAW) : null;
      case GSM -> channels == 1 ? gsm() : null;
      default -> null;
    };
  }

  /** What a format tag means, for those that are not read here. */
  static String describe(int tag, int bits) {
    String name =
        switch (tag) {
          case INTEGER -> "integer samples";
          case 0x0002 -> "Microsoft ADPCM";
          case FLOAT -> "float samples";
          case A_LAW -> "A-law";
          case MU_LAW -> "mu-law";
          case 0x0010 -> "OKI ADPCM";
          case 0x0011 -> "IMA ADPCM";
          case 0x0014 -> "G.723 ADPCM";
          case 0x0022 -> "TrueSpeech";
          case GSM -> "GSM 06.10";
          case 0x0040 -> "G.721 ADPCM";
          case 0x0042 -> "G.723.1";
          case 0x0045, 0x0064, 0x0065 -> "G.726 ADPCM";
          case 0x0050 -> "MPEG audio";
          case 0x0055 -> "MP3";
          case 0x0083, 0x0133 -> "G.729";
          case 0x00FF, 0x1610 -> "AAC";
          case 0x0160, 0x0161, 0x0162 -> "Windows Media Audio";
          case 0xA109 -> "Speex";
          default -> "an encoding of its own";
        };
    return name + " (format tag " + tag + ", " + bits + " bits)";
  }

  String name() {
    return name;
  }

  /** Bytes that are decoded at a time: one sample, except for GSM. */
  int blockBytes() {
    return blockBytes;
  }

  int blockSamples() {
    return blockSamples;
  }

  /**
   * Decodes whole blocks.
   *
   * @return samples that were decoded
   */
  int decode(byte[] bytes, int blocks, float[] samples) {
    int count = blocks * blockSamples;
    decoder.decode(bytes, samples, count);
    return count;
  }

  private interface Sample {
    float next(ByteBuffer bytes);
  }

  private static WaveEncoding single(String name, int bytes, Sample sample) {
    return new WaveEncoding(
        name,
        bytes,
        1,
        (source, samples, count) -> {
          ByteBuffer values = ByteBuffer.wrap(source).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; i < count; i++) {
            samples[i] = sample.next(values);
          }
        });
  }

  private static WaveEncoding companded(String name, SampleCoding coding) {
    return new WaveEncoding(
        name,
        1,
        1,
        (source, samples, count) ->
            System.arraycopy(coding.decode(source, 0, count), 0, samples, 0, count));
  }

  private static WaveEncoding gsm() {
    Gsm610Decoder gsm = new Gsm610Decoder();
    return new WaveEncoding(
        "GSM 06.10",
        Gsm610Decoder.BLOCK_BYTES,
        Gsm610Decoder.BLOCK_SAMPLES,
        (source, samples, count) -> {
          int blocks = count / Gsm610Decoder.BLOCK_SAMPLES;
          for (int i = 0; i < blocks; i++) {
            gsm.decode(
                source, i * Gsm610Decoder.BLOCK_BYTES, samples, i * Gsm610Decoder.BLOCK_SAMPLES);
          }
        });
  }

  private static float threeBytes(ByteBuffer bytes) {
    int low = (bytes.get() & 0xFF) | (bytes.get() & 0xFF) << 8;
    return (low | (bytes.get() << 16)) / 0x1p23f;
  }
}
