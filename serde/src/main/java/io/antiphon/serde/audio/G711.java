package io.antiphon.serde.audio;

/**
 * ITU-T G.711: companded 8-bit codes for 14-bit (mu-law) and 13-bit (A-law) samples, here left
 * aligned in 16 bits as in ITU-T G.191. Negative samples are mirrored by one's complement, so that
 * the decision intervals lie symmetrically around -1/2.
 */
public final class G711 {
  private static final int MU_LAW_BIAS = 33;
  private static final int MU_LAW_CLIP = 0x1FFF;
  private static final int A_LAW_MASK = 0x55;

  private static final short[] MU_LAW = new short[256];
  private static final short[] A_LAW = new short[256];

  static {
    for (int code = 0; code < 256; code++) {
      MU_LAW[code] = expandMuLaw(code);
      A_LAW[code] = expandALaw(code);
    }
  }

  private G711() {}

  /** The sample of a mu-law code: 0 to +-32124. */
  public static short decodeMuLaw(byte code) {
    return MU_LAW[code & 0xFF];
  }

  /** The sample of an A-law code: +-8 to +-32256. */
  public static short decodeALaw(byte code) {
    return A_LAW[code & 0xFF];
  }

  /** The mu-law code whose decision interval holds the sample; its two lowest bits do not count. */
  public static byte encodeMuLaw(short sample) {
    int magnitude = Math.min((sample < 0 ? ~sample : sample) / 4 + MU_LAW_BIAS, MU_LAW_CLIP);
    // Segment s holds the magnitudes from 32 << s on, in 16 steps of 2 << s.
    int segment = 26 - Integer.numberOfLeadingZeros(magnitude);
    int step = (magnitude >> (segment + 1)) & 0xF;
    int code = segment << 4 | step;
    return (byte) (sample < 0 ? 0x7F - code : 0xFF - code);
  }

  /**
   * The A-law code whose decision interval holds the sample; its three lowest bits do not count.
   */
  public static byte encodeALaw(short sample) {
    int magnitude = (sample < 0 ? ~sample : sample) >> 4;
    // Segments 0 and 1 have steps of 1, each further one steps twice as wide.
    int segment = Math.max(0, 28 - Integer.numberOfLeadingZeros(magnitude));
    int step = (segment == 0 ? magnitude : magnitude >> (segment - 1)) & 0xF;
    int code = segment << 4 | step;
    return (byte) ((sample < 0 ? code : code | 0x80) ^ A_LAW_MASK);
  }

  private static short expandMuLaw(int code) {
    int inverted = ~code & 0x7F;
    int segment = inverted >> 4;
    int step = inverted & 0xF;
    int magnitude = ((2 * step + MU_LAW_BIAS) << segment) - MU_LAW_BIAS;
    return (short) ((code & 0x80) == 0 ? -4 * magnitude : 4 * magnitude);
  }

  private static short expandALaw(int code) {
    int toggled = code ^ A_LAW_MASK;
    int segment = toggled >> 4 & 7;
    int step = toggled & 0xF;
    int magnitude = segment == 0 ? 2 * step + 1 : (2 * step + 33) << (segment - 1);
    return (short) ((toggled & 0x80) == 0 ? -8 * magnitude : 8 * magnitude);
  }
}
