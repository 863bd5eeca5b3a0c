package io.antiphon.analytics;

/**
 * The energy of a stretch of sound, exact whatever is added in whatever order.
 *
 * @param sumOfSquares sum of the squares of 16-bit samples
 * @param samples how many samples
 */
public record SpeechEnergy(long sumOfSquares, long samples) {
  public static final SpeechEnergy NONE = new SpeechEnergy(0, 0);

  /** What stands for digital silence. */
  public static final double FLOOR_DBFS = -96.3;

  public SpeechEnergy {
    if (sumOfSquares < 0 || samples < 0) {
      throw new IllegalArgumentException(
          "energy " + sumOfSquares + " of " + samples + " samples, expected both >= 0");
    }
  }

  /** Energy of {@code samples[from]} to before {@code samples[to]}. */
  public static SpeechEnergy of(short[] samples, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += (long) samples[i] * samples[i];
    }
    return new SpeechEnergy(sum, to - from);
  }

  public SpeechEnergy plus(SpeechEnergy other) {
    return new SpeechEnergy(sumOfSquares + other.sumOfSquares, samples + other.samples);
  }

  /** RMS in dB of full scale, at least {@link #FLOOR_DBFS}. */
  public double dbfs() {
    if (samples == 0 || sumOfSquares == 0) {
      return FLOOR_DBFS;
    }
    double mean = (double) sumOfSquares / samples / (32768.0 * 32768.0);
    return Math.max(FLOOR_DBFS, 10 * StrictMath.log10(mean));
  }

  /** Loudness from 0 to 100: 100 + 5/3 · dBFS, cut to that range and rounded. */
  public int score() {
    return (int) Math.round(Math.min(100, Math.max(0, 100 + 5 * dbfs() / 3)));
  }
}
