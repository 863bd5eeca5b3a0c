package io.antiphon.analytics.speech;

import io.antiphon.analytics.SpeechEnergy;

/**
 * What the speech detector says of a short stretch of one channel; a gap in the audio is a frame
 * with probability 0 and no energy.
 *
 * @param beginMillis media time of its begin
 * @param endMillis media time of its end; the next frame of the channel begins here
 * @param probability of speech, 0 to 1
 * @param energy of its samples
 */
public record SpeechFrame(
    long beginMillis, long endMillis, float probability, SpeechEnergy energy) {
  public SpeechFrame {
    if (beginMillis < 0 || endMillis <= beginMillis) {
      throw new IllegalArgumentException(
          "frame from " + beginMillis + " to " + endMillis + " ms, expected 0 <= begin < end");
    }
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "probability of speech is " + probability + ", expected 0 to 1");
    }
  }

  /** Missing audio. */
  public static SpeechFrame gap(long beginMillis, long endMillis) {
    return new SpeechFrame(beginMillis, endMillis, 0, SpeechEnergy.NONE);
  }
}
