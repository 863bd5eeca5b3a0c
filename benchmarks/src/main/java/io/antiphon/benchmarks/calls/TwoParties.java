package io.antiphon.benchmarks.calls;

import io.antiphon.benchmarks.Recordings;
import java.util.Random;

/**
 * Two channels of a telephone call: recordings, one party after the other, some over each other.
 */
final class TwoParties {
  static final int RATE = 8_000;

  private TwoParties() {}

  /**
   * @param seed of the choice and the gaps
   * @return samples of both channels at {@link #RATE}, as long as asked for
   */
  static float[][] sound(Recordings recordings, long seed, int seconds) {
    Random random = new Random(seed);
    float[][] channels = new float[2][seconds * RATE];
    int at = RATE / 2 + random.nextInt(2 * RATE);
    for (int turn = 0; at < channels[0].length; turn++) {
      float[] spoken =
          half(recordings.questions().get(random.nextInt(recordings.questions().size())));
      int length = Math.min(spoken.length, channels[0].length - at);
      System.arraycopy(spoken, 0, channels[turn % 2], at, length);
      // From 0.6 s before the other has ended to 1.4 s behind.
      at += Math.max(RATE, length + RATE * (random.nextInt(2000) - 600) / 1000);
    }
    return channels;
  }

  private static float[] half(float[] samples) {
    float[] half = new float[samples.length / 2];
    for (int i = 0; i < half.length; i++) {
      half[i] = (samples[2 * i] + samples[2 * i + 1]) / 2;
    }
    return half;
  }
}
