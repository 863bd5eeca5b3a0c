package io.antiphon.runtime.speech;

import io.antiphon.runtime.manifest.Manifest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whisper's log-mel as a stream: samples in, encoder windows out. Equal to one pass in any
 * chunking. Not thread safe.
 *
 * <p>Frame t is centred on sample t x hop; before the beginning the signal is mirrored, after the
 * end it is zero. Differs from the reference in one point: values are clipped below the maximum
 * <em>up to the end of their window</em>, because the rest of the utterance has not been heard yet.
 */
public final class LogMel {
  /** Of the state's bytes. */
  private static final byte VERSION = 1;

  private static final int HEADER = 1 + 3 * Long.BYTES + 3 * Integer.BYTES;

  private final Manifest.Audio audio;
  private final MelTransform transform;
  private final int half;

  /** Samples from {@link #bufferStart} on that later frames still need. */
  private float[] buffer = new float[0];

  private long bufferStart;
  private long samples;

  /** log10 mel {@code [windowFrames x melBins]} of the window that fills. */
  private final float[] window;

  private int filled;
  private long frames;
  private final float initialMaximum;
  private float maximum;

  public LogMel(Manifest.Audio audio, MelTransform.Constants constants) {
    this(audio, constants, Float.NEGATIVE_INFINITY);
  }

  /**
   * @param initialMaximum a maximum that is known beforehand, as the reference knows the whole
   *     utterance's
   */
  public LogMel(Manifest.Audio audio, MelTransform.Constants constants, float initialMaximum) {
    this.initialMaximum = initialMaximum;
    this.maximum = initialMaximum;
    this.audio = audio;
    this.transform = new MelTransform(constants);
    this.half = audio.fftSize() / 2;
    this.window = new float[audio.windowFrames() * audio.melBins()];
  }

  /**
   * @param chunk mono samples in [-1, 1] at the manifest's rate
   * @return the windows that are complete now
   * @throws IllegalArgumentException for a sample that is not a finite number; nothing is appended
   *     then
   */
  public List<MelWindow> append(float[] chunk) {
    for (float sample : chunk) {
      if (!Float.isFinite(sample)) {
        throw new IllegalArgumentException("a sample is " + sample + ", expected a finite number");
      }
    }
    int kept = buffer.length;
    buffer = Arrays.copyOf(buffer, kept + chunk.length);
    System.arraycopy(chunk, 0, buffer, kept, chunk.length);
    samples += chunk.length;
    List<MelWindow> complete = new ArrayList<>();
    // The mirrored beginning reads up to sample half, so even the first frame waits for its whole
    // extent.
    while (frames * audio.hopLength() + audio.fftSize() - half < samples) {
      frame(complete);
    }
    forget();
    return complete;
  }

  /**
   * Ends the utterance: the windows that are left, the last usually shorter. The stream is at its
   * beginning again.
   */
  public List<MelWindow> finish() {
    List<MelWindow> rest = new ArrayList<>();
    long all = (samples + audio.hopLength() - 1) / audio.hopLength();
    while (frames < all) {
      frame(rest);
    }
    if (filled > 0) {
      rest.add(take());
    }
    reset();
    return rest;
  }

  /** Samples appended since the utterance began. */
  public long samples() {
    return samples;
  }

  /** log10 of the largest mel power so far. */
  public float maximum() {
    return maximum;
  }

  /** The stream's state. */
  public byte[] state() {
    int values = filled * audio.melBins();
    ByteBuffer state = ByteBuffer.allocate(HEADER + (buffer.length + values) * Float.BYTES);
    state.put(VERSION).putLong(samples).putLong(bufferStart).putLong(frames);
    state.putFloat(maximum).putInt(filled).putInt(buffer.length);
    state.asFloatBuffer().put(buffer).put(window, 0, values);
    return state.array();
  }

  /**
   * Continues from {@link #state()}.
   *
   * @throws IllegalArgumentException when the state belongs to other constants
   */
  public void restore(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    if (bytes.remaining() < HEADER || bytes.get() != VERSION) {
      throw new IllegalArgumentException(
          state.length + " bytes are no log-mel state of version " + VERSION);
    }
    long restoredSamples = bytes.getLong();
    long restoredStart = bytes.getLong();
    long restoredFrames = bytes.getLong();
    float restoredMaximum = bytes.getFloat();
    int restoredFilled = bytes.getInt();
    int length = bytes.getInt();
    long values = (long) restoredFilled * audio.melBins();
    if (length < 0
        || restoredFilled < 0
        || restoredFilled >= audio.windowFrames()
        || bytes.remaining() != (length + values) * Float.BYTES) {
      throw new IllegalArgumentException(
          "log-mel state of " + state.length + " bytes does not fit this bundle");
    }
    samples = restoredSamples;
    bufferStart = restoredStart;
    frames = restoredFrames;
    maximum = restoredMaximum;
    filled = restoredFilled;
    buffer = new float[length];
    bytes.asFloatBuffer().get(buffer).get(window, 0, (int) values);
  }

  private void frame(List<MelWindow> complete) {
    double[] frame = transform.frame();
    long begin = frames * audio.hopLength() - half;
    for (int i = 0; i < frame.length; i++) {
      frame[i] = sample(Math.abs(begin + i));
    }
    maximum = Math.max(maximum, transform.logMel(window, filled * audio.melBins()));
    frames++;
    filled++;
    if (filled == audio.windowFrames()) {
      complete.add(take());
    }
  }

  private float sample(long position) {
    long index = position - bufferStart;
    return index < buffer.length ? buffer[(int) index] : 0;
  }

  private MelWindow take() {
    int bins = audio.melBins();
    float[] mel = new float[bins * filled];
    double floor = maximum - audio.dynamicRange();
    for (int t = 0; t < filled; t++) {
      for (int bin = 0; bin < bins; bin++) {
        double clipped = Math.max(window[t * bins + bin], floor);
        mel[bin * filled + t] = (float) ((clipped + audio.offset()) / audio.scale());
      }
    }
    MelWindow taken = new MelWindow(mel, filled);
    filled = 0;
    return taken;
  }

  /** Drops samples before the next frame's extent. */
  private void forget() {
    long needed = Math.max(0, frames * audio.hopLength() - half);
    int drop = (int) Math.min(buffer.length, needed - bufferStart);
    if (drop > 0) {
      buffer = Arrays.copyOfRange(buffer, drop, buffer.length);
      bufferStart += drop;
    }
  }

  private void reset() {
    buffer = new float[0];
    bufferStart = 0;
    samples = 0;
    filled = 0;
    frames = 0;
    maximum = initialMaximum;
  }
}
