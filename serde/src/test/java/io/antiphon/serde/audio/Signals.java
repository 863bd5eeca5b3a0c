package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;

/** Signals, cuts and measures that the audio tests share. */
public final class Signals {
  private Signals() {}

  public static float[] sine(double hertz, int sampleRate, double seconds, double amplitude) {
    float[] samples = new float[(int) Math.round(seconds * sampleRate)];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (amplitude * Math.sin(2 * Math.PI * hertz * i / sampleRate));
    }
    return samples;
  }

  /** A gliding voice of ten harmonics that swells and fades four times a second. */
  public static float[] voice(int sampleRate, double seconds) {
    float[] samples = new float[(int) (seconds * sampleRate)];
    for (int i = 0; i < samples.length; i++) {
      double time = (double) i / sampleRate;
      // The integral of 130 Hz + 30 Hz sin(2 pi 0.7 Hz t), so that all rates sample the same voice.
      double glide = 2 * Math.PI * 0.7;
      double phase = 2 * Math.PI * (130 * time + 30 * (1 - Math.cos(glide * time)) / glide);
      double sum = 0;
      for (int harmonic = 1; harmonic <= 10; harmonic++) {
        sum += Math.sin(harmonic * phase) / harmonic;
      }
      samples[i] = (float) (0.25 * sum * (0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * time)));
    }
    return samples;
  }

  public static float[] noise(Random random, int length) {
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = 2 * random.nextFloat() - 1;
    }
    return samples;
  }

  public static float[] concatenate(float[] first, float[] second) {
    float[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Length of a random piece: often nothing, a sample or a few, sometimes many. */
  public static int pieceLength(Random random, int left) {
    int bound =
        switch (random.nextInt(4)) {
          case 0 -> 2;
          case 1 -> 8;
          case 2 -> 400;
          default -> 5_000;
        };
    return Math.min(left, random.nextInt(bound));
  }

  /** Equal bit for bit; a failure names the first difference only, the arrays being long. */
  public static void assertSame(float[] actual, float[] expected) {
    int difference = Arrays.mismatch(actual, expected);
    assertThat(difference)
        .as("first difference of %s and %s samples", actual.length, expected.length)
        .isEqualTo(-1);
  }

  public static double energy(float[] samples) {
    double sum = 0;
    for (float sample : samples) {
      sum += (double) sample * sample;
    }
    return sum;
  }

  /**
   * Signal to noise in decibels of {@code samples} against {@code reference}, over the latter's
   * length.
   */
  public static double signalToNoise(float[] reference, float[] samples) {
    double noise = 0;
    for (int i = 0; i < reference.length; i++) {
      double difference = samples[i] - reference[i];
      noise += difference * difference;
    }
    return 10 * Math.log10(energy(reference) / noise);
  }
}
