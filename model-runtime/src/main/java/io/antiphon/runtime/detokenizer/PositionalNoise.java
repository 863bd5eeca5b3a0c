package io.antiphon.runtime.detokenizer;

/**
 * Noise that depends on a seed and a place in the stream alone: SplitMix64 of a counter. Draws what
 * the export's {@code noise.py} draws.
 */
final class PositionalNoise {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Streams of numbers that one seed gives. */
  private static final int FLOW = 1;

  private static final int SECOND_OF_FLOW = 2;
  private static final int SOURCE = 3;

  private PositionalNoise() {}

  /** In [0, 1). Negative numbers of samples have noise too. */
  static float uniform(long seed, long number) {
    return (bits(seed, SOURCE, number) >>> 40) * 0x1p-24f;
  }

  /** Normal, by Box and Muller; {@link StrictMath}, so that it is the same on every machine. */
  static float normal(long seed, long number) {
    double one = ((bits(seed, FLOW, number) >>> 11) + 1) * 0x1p-53;
    double other = (bits(seed, SECOND_OF_FLOW, number) >>> 11) * 0x1p-53;
    return (float)
        (StrictMath.sqrt(-2 * StrictMath.log(one)) * StrictMath.cos(2 * Math.PI * other));
  }

  private static long bits(long seed, int stream, long number) {
    return mixed(mixed(seed + GOLDEN * stream) + GOLDEN * (number + 1));
  }

  private static long mixed(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
