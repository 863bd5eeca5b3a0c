package io.antiphon.runtime.speech;

import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.Manifest;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts an utterance's encoder frames into groups of k for {@link ModelHost#group}, carrying what is
 * left over from window to window. Not thread safe.
 */
public final class FrameGrouper {
  /** Of the state's bytes. */
  private static final byte VERSION = 1;

  private static final int HEADER = 1 + Long.BYTES + Integer.BYTES;

  private final Manifest.Audio audio;
  private final int frameSize;
  private float[] carry = new float[0];
  private long groupedFrames;

  public FrameGrouper(Manifest.Audio audio, int frameSize) {
    this.audio = audio;
    this.frameSize = frameSize;
  }

  /**
   * @param frames one window's {@code [f x d]}
   * @return complete groups {@code [g x k x d]}, g = length / (k d), possibly 0
   */
  public float[] append(float[] frames) {
    float[] all = joined(frames);
    int groupValues = audio.groupSize() * frameSize;
    int complete = all.length / groupValues * groupValues;
    carry = Arrays.copyOfRange(all, complete, all.length);
    groupedFrames += complete / frameSize;
    return Arrays.copyOf(all, complete);
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
    float[] all = joined(frames);
    int left = (int) Math.max(0, audio.tokenFrames(samples) - groupedFrames);
    int groups = (left + audio.groupSize() - 1) / audio.groupSize();
    float[] padded = new float[groups * audio.groupSize() * frameSize];
    System.arraycopy(all, 0, padded, 0, Math.min(all.length, padded.length));
    carry = new float[0];
    groupedFrames = 0;
    return padded;
  }

  /** The grouper's state. */
  public byte[] state() {
    ByteBuffer state = ByteBuffer.allocate(HEADER + carry.length * Float.BYTES);
    state.put(VERSION).putLong(groupedFrames).putInt(carry.length).asFloatBuffer().put(carry);
    return state.array();
  }

  /**
   * Continues from {@link #state()}.
   *
   * @throws IllegalArgumentException when the state belongs to another frame size
   */
  public void restore(byte[] state) {
    ByteBuffer buffer = ByteBuffer.wrap(state);
    boolean known = buffer.remaining() >= HEADER && buffer.get() == VERSION;
    long frames = known ? buffer.getLong() : -1;
    int values = frames < 0 ? -1 : buffer.getInt();
    if (values < 0 || values * 4L != buffer.remaining() || values % frameSize != 0) {
      throw new IllegalArgumentException(
          "frame grouper state of " + state.length + " bytes does not fit frames of " + frameSize);
    }
    groupedFrames = frames;
    carry = new float[values];
    buffer.asFloatBuffer().get(carry);
  }

  private float[] joined(float[] frames) {
    if (frames.length % frameSize != 0) {
      throw new IllegalArgumentException(
          "frames has " + frames.length + " values, expected a multiple of " + frameSize);
    }
    float[] all = Arrays.copyOf(carry, carry.length + frames.length);
    System.arraycopy(frames, 0, all, carry.length, frames.length);
    return all;
  }
}
