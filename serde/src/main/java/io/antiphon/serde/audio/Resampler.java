package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Changes the sample rate of one stream with a {@link PolyphaseFilter}, piece by piece. The
 * filter's delay is compensated: output sample n sounds at the time n / toRate of the input.
 * However the input is cut, the output put together is the same bit for bit: every output sample is
 * one sum over the same inputs in the same order. Not thread safe.
 */
public final class Resampler {
  private final PolyphaseFilter filter;

  /** The last {@code taps - 1} inputs, oldest first; silence before the stream. */
  private float[] history;

  private long inputs;
  private long outputs;

  /**
   * A resampler at the start of a stream.
   *
   * @param fromRate hertz of what comes in
   * @param toRate hertz of what goes out
   * @throws IllegalArgumentException when a rate is outside 1 000 to 384 000
   */
  public Resampler(int fromRate, int toRate) {
    filter = PolyphaseFilter.of(fromRate, toRate);
    history = new float[filter.taps() - 1];
  }

  /** A whole recording at once, with as many samples as it lasts at the new rate. */
  public static float[] resample(float[] samples, int fromRate, int toRate) {
    Resampler resampler = new Resampler(fromRate, toRate);
    float[] head = resampler.process(samples);
    float[] tail = resampler.flush();
    float[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  /**
   * Takes the next inputs and gives every output that needs no later one.
   *
   * @throws IllegalArgumentException when a sample is NaN or infinite; nothing is consumed
   */
  public float[] process(float[] samples) {
    for (int i = 0; i < samples.length; i++) {
      if (!Float.isFinite(samples[i])) {
        throw new IllegalArgumentException(
            "sample " + i + " of " + samples.length + " is " + samples[i] + "; expected a number");
      }
    }
    return advance(samples, filter.outputsFor(inputs + samples.length) - outputs);
  }

  /** The stream's last outputs, as if silence followed; afterwards it is at a start again. */
  public float[] flush() {
    long last = filter.outputsIn(inputs);
    float[] tail = advance(new float[filter.taps()], last - outputs);
    Arrays.fill(history, 0f);
    inputs = 0;
    outputs = 0;
    return tail;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(inputs);
    out.writeLong(outputs);
    AudioState.writeFloats(out, history, history.length);
  }

  void load(DataInput in) throws IOException {
    long savedInputs = in.readLong();
    long savedOutputs = in.readLong();
    float[] savedHistory = AudioState.readFloats(in, history.length);
    if (savedHistory.length != history.length
        || savedInputs < 0
        || savedOutputs != filter.outputsFor(savedInputs)) {
      throw new IOException("of a resampler with another filter");
    }
    inputs = savedInputs;
    outputs = savedOutputs;
    history = savedHistory;
  }

  private float[] advance(float[] samples, long count) {
    float[] window = Arrays.copyOf(history, history.length + samples.length);
    System.arraycopy(samples, 0, window, history.length, samples.length);
    float[] result = new float[Math.toIntExact(count)];
    for (int i = 0; i < result.length; i++) {
      // The window begins `history.length` inputs before the new ones.
      int first = Math.toIntExact(filter.firstInput(outputs) - inputs) + history.length;
      result[i] = filter.output(outputs, window, first);
      outputs++;
    }
    inputs += samples.length;
    System.arraycopy(window, window.length - history.length, history, 0, history.length);
    return result;
  }
}
