package io.antiphon.serde.audio;

/**
 * GSM 06.10 full rate (ETS 300 961): 160 samples at 8 kHz from each frame of 260 bits, by regular
 * pulse excitation with long-term prediction. Bit-exact with the standard's 16-bit arithmetic. Its
 * frames come as WAVE files pack them: two in 65 bytes, lowest bits first.
 *
 * <p>One per stream; not thread safe.
 */
public final class Gsm610Decoder {
  /** Bytes of two frames. */
  public static final int BLOCK_BYTES = 65;

  /** Samples of two frames. */
  public static final int BLOCK_SAMPLES = 320;

  private static final int FRAME = 160;
  private static final int SUBFRAME = 40;
  private static final int LONGEST_LAG = 120;
  private static final int PULSES = 13;
  private static final int ORDER = 8;

  private static final int[] RATIO_BITS = {6, 6, 5, 5, 4, 4, 3, 3};
  private static final int[] RATIO_MINIMUM = {-32, -32, -16, -16, -8, -8, -4, -4};
  private static final int[] RATIO_OFFSET = {0, 0, 2048, -2560, 94, -1792, -341, -1144};
  private static final int[] RATIO_SLOPE = {13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708};

  private static final int[] LAG_GAIN = {3277, 11469, 21299, 32767};
  private static final int[] PULSE_FACTOR = {
    18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767
  };

  /** Where the frame's four interpolations of the filter end. */
  private static final int[] INTERPOLATION_END = {13, 27, 40, FRAME};

  /** The residual: what the long-term prediction reaches back to, then the present frame. */
  private final int[] residual = new int[LONGEST_LAG + FRAME];

  private final int[] lattice = new int[ORDER + 1];
  private int[] previousRatios = new int[ORDER];
  private int previousLag = SUBFRAME;
  private int emphasis;

  /** Present block, and the next bit of it. */
  private byte[] bytes = {};

  private int bit;

  /**
   * Decodes one block.
   *
   * @param block bytes of which {@link #BLOCK_BYTES} are read from {@code from} on
   * @param samples where {@link #BLOCK_SAMPLES} samples in [-1, 1) go, from {@code to} on
   */
  public void decode(byte[] block, int from, float[] samples, int to) {
    bytes = block;
    bit = 8 * from;
    frame(samples, to);
    frame(samples, to + FRAME);
  }

  private void frame(float[] samples, int to) {
    int[] ratios = new int[ORDER];
    for (int i = 0; i < ORDER; i++) {
      int scaled = saturate((bits(RATIO_BITS[i]) + RATIO_MINIMUM[i]) << 10);
      int ratio = multiply(RATIO_SLOPE[i], saturate(scaled - 2 * RATIO_OFFSET[i]));
      ratios[i] = saturate(2 * ratio);
    }
    for (int at = LONGEST_LAG; at < residual.length; at += SUBFRAME) {
      subframe(at);
    }
    int begin = 0;
    for (int part = 0; part < INTERPOLATION_END.length; part++) {
      int[] reflections = new int[ORDER];
      for (int i = 0; i < ORDER; i++) {
        reflections[i] = reflection(interpolated(part, previousRatios[i], ratios[i]));
      }
      for (int k = begin; k < INTERPOLATION_END[part]; k++) {
        samples[to + k] = SampleCoding.toFloat(sample(residual[LONGEST_LAG + k], reflections));
      }
      begin = INTERPOLATION_END[part];
    }
    previousRatios = ratios;
    System.arraycopy(residual, FRAME, residual, 0, LONGEST_LAG);
  }

  /** Excitation and long-term prediction, sections 5.3.1 and 5.3.2. */
  private void subframe(int at) {
    int lag = bits(7);
    if (lag < SUBFRAME || lag > LONGEST_LAG) {
      lag = previousLag; // only a transmission error makes it so
    }
    previousLag = lag;
    int gain = LAG_GAIN[bits(2)];
    int grid = bits(2);
    int maximum = bits(6);
    int exponent = maximum > 15 ? (maximum >> 3) - 1 : 0;
    int mantissa = maximum - (exponent << 3);
    if (mantissa == 0) {
      exponent = -4;
      mantissa = 7;
    } else {
      while (mantissa <= 7) {
        mantissa = mantissa << 1 | 1;
        exponent--;
      }
      mantissa -= 8;
    }
    int shift = 6 - exponent;
    int rounding = shift == 0 ? 0 : 1 << (shift - 1);
    int[] pulses = new int[SUBFRAME + 3];
    for (int i = 0; i < PULSES; i++) {
      int pulse = multiply(PULSE_FACTOR[mantissa], (2 * bits(3) - 7) << 12);
      pulses[grid + 3 * i] = saturate(pulse + rounding) >> shift;
    }
    for (int k = 0; k < SUBFRAME; k++) {
      residual[at + k] = saturate(pulses[k] + multiply(gain, residual[at + k - lag]));
    }
  }

  /** Log-area ratios between two frames, section 5.2.9. */
  private static int interpolated(int part, int previous, int present) {
    return switch (part) {
      case 0 -> saturate((previous >> 2) + (present >> 2) + (previous >> 1));
      case 1 -> saturate((previous >> 1) + (present >> 1));
      case 2 -> saturate((previous >> 2) + (present >> 2) + (present >> 1));
      default -> present;
    };
  }

  /** A reflection coefficient of a log-area ratio. */
  private static int reflection(int ratio) {
    int magnitude = Math.min(Math.abs(ratio), Short.MAX_VALUE);
    if (magnitude < 11059) {
      magnitude <<= 1;
    } else if (magnitude < 20070) {
      magnitude += 11059;
    } else {
      magnitude = saturate((magnitude >> 2) + 26112);
    }
    return ratio < 0 ? -magnitude : magnitude;
  }

  /** Short-term synthesis, de-emphasis and the rounding to 13 bits, section 5.3.3 and on. */
  private short sample(int excitation, int[] reflections) {
    int value = excitation;
    for (int i = ORDER - 1; i >= 0; i--) {
      value = saturate(value - multiply(reflections[i], lattice[i]));
      lattice[i + 1] = saturate(lattice[i] + multiply(reflections[i], value));
    }
    lattice[0] = value;
    emphasis = saturate(value + multiply(emphasis, 28180));
    return (short) (saturate(2 * emphasis) & ~7);
  }

  private int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++, bit++) {
      value |= (bytes[bit >> 3] >> (bit & 7) & 1) << i;
    }
    return value;
  }

  private static int multiply(int a, int b) {
    return saturate((a * b + (1 << 14)) >> 15);
  }

  private static int saturate(int value) {
    return Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, value));
  }
}
