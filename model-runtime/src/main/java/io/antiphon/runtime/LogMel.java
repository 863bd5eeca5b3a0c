package io.antiphon.runtime;

import java.util.List;

/**
 * Whisper's log-mel as a stream: samples in, encoder windows out. Equal to one pass in any
 * chunking. Not thread safe.
 *
 * <p>Differs from the reference in one point: values are clipped below the maximum <em>up to the
 * end of their window</em>, because the rest of the utterance has not been heard yet.
 */
public final class LogMel {
  LogMel() {}

  /**
   * @param samples mono in [-1, 1] at the manifest's rate
   * @return the windows that are complete now
   */
  public List<MelWindow> append(float[] samples) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the utterance: the windows that are left, the last usually shorter. The stream is at its
   * beginning again.
   */
  public List<MelWindow> finish() {
    throw new UnsupportedOperationException();
  }

  /** Samples appended since the utterance began. */
  public long samples() {
    throw new UnsupportedOperationException();
  }

  /** The stream's state. */
  public byte[] state() {
    throw new UnsupportedOperationException();
  }

  /**
   * @throws IllegalArgumentException when the state belongs to other constants
   */
  public void restore(byte[] state) {
    throw new UnsupportedOperationException();
  }
}
