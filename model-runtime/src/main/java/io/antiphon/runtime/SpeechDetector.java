package io.antiphon.runtime;

/**
 * Says how likely it is that somebody speaks, window by window of {@value #WINDOW} samples at 16
 * kHz (32 ms). Thread safe; its streams are not.
 */
public interface SpeechDetector {
  /** Samples of one window. */
  int WINDOW = 512;

  /** Samples a second of the audio that is listened to. */
  int SAMPLE_RATE = 16_000;

  /** Begins to listen to audio of which nothing is known yet. */
  Stream open();

  /**
   * Goes on listening where {@link Stream#state()} was taken: what comes then is bit by bit what
   * would have come there.
   *
   * @throws IllegalArgumentException when the state is none of this detector's
   */
  Stream restore(float[] state);

  /** One channel that is listened to. Not thread safe: its owner is one task thread. */
  interface Stream {
    /**
     * Hears what comes next, pieces of any length: how the audio is cut makes no difference to the
     * bits.
     *
     * @param samples in -1 to 1
     * @return the probability of speech, 0 to 1, in every window that became complete
     * @throws HostClosedException when the host has ended
     */
    float[] append(float[] samples);

    /** All that later results depend on: network state, the last samples, the unfinished window. */
    float[] state();
  }
}
