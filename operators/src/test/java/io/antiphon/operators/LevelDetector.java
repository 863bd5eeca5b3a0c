package io.antiphon.operators;

import io.antiphon.runtime.SpeechDetector;
import java.util.Arrays;

/** Takes whatever is loud for speech, so that tests can speak in tones. */
enum LevelDetector implements SpeechDetector {
  INSTANCE;

  private static final double LOUD = 0.01;

  @Override
  public Stream open() {
    return new Listening(new float[0]);
  }

  @Override
  public Stream restore(float[] state) {
    return new Listening(state);
  }

  private static final class Listening implements Stream {
    private float[] rest;

    Listening(float[] rest) {
      this.rest = rest;
    }

    @Override
    public float[] append(float[] samples) {
      float[] all = Arrays.copyOf(rest, rest.length + samples.length);
      System.arraycopy(samples, 0, all, rest.length, samples.length);
      float[] probabilities = new float[all.length / WINDOW];
      for (int i = 0; i < probabilities.length; i++) {
        double sum = 0;
        for (int at = i * WINDOW; at < (i + 1) * WINDOW; at++) {
          sum += (double) all[at] * all[at];
        }
        probabilities[i] = Math.sqrt(sum / WINDOW) >= LOUD ? 1 : 0;
      }
      rest = Arrays.copyOfRange(all, probabilities.length * WINDOW, all.length);
      return probabilities;
    }

    @Override
    public float[] state() {
      return rest;
    }
  }
}
