package io.antiphon.runtime;

/**
 * Cuts an utterance's encoder frames into groups of k for {@link ModelHost#group}, carrying what is
 * left over from window to window. Not thread safe.
 */
public final class FrameGrouper {
  FrameGrouper() {}

  /**
   * @param frames one window's {@code [f x d]}
   * @return complete groups {@code [g x k x d]}, g = length / (k d), possibly 0
   */
  public float[] append(float[] frames) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the utterance: frames beyond those that {@code samples} stand for are dropped, missing
   * ones are zero. The grouper is at its beginning again.
   *
   * @param frames the last window's {@code [f x d]}, empty when there is none
   * @param samples of the whole utterance
   * @return the groups that are left {@code [g x k x d]}
   */
  public float[] finish(float[] frames, long samples) {
    throw new UnsupportedOperationException();
  }

  /** The grouper's state. */
  public byte[] state() {
    throw new UnsupportedOperationException();
  }

  /** Continues from {@link #state()}. */
  public void restore(byte[] state) {
    throw new UnsupportedOperationException();
  }
}
