package io.antiphon.runtime.detection;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.onnx.NativeCalls;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Silero VAD 6.2.3, the graph that takes a sequence of windows ({@code
 * silero_vad_16k_sequence.onnx} of the Python package {@code silero-vad}, MIT). Every window is
 * seen with the {@value #CONTEXT} samples before it.
 *
 * <p>It runs on the caller's thread. A window costs about 0.1 ms alone and not much less in a
 * batch, so that queues and threads of its own would cost more than they save; and an interruption
 * is found in the very record that brings it.
 */
public final class SileroDetector implements SpeechDetector, AutoCloseable {
  private static final String GRAPH = "silero-vad.onnx";
  private static final int CONTEXT = 64;
  private static final int CELLS = 128;
  private static final int FIXED = 2 * CELLS + CONTEXT;
  private static final long[] CELL_SHAPE = {1, 1, CELLS};

  private final OrtSession session;

  /** Callers compute under the read lock, so that no native call outlives the session. */
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  private boolean closed;

  /** Loads the graph from this module's own resources. */
  public SileroDetector(OnnxSessions sessions) {
    this.session = sessions.open(GRAPH, graph());
  }

  private static byte[] graph() {
    try (InputStream in = SileroDetector.class.getResourceAsStream(GRAPH)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Stream open() {
    return new Listening(new float[FIXED]);
  }

  @Override
  public Stream restore(float[] state) {
    if (state.length < FIXED || state.length >= FIXED + WINDOW) {
      throw new IllegalArgumentException(
          "a speech detector's state has "
              + state.length
              + " values, expected "
              + FIXED
              + " to "
              + (FIXED + WINDOW - 1));
    }
    return new Listening(state);
  }

  /** Waits for the calls under way; later ones fail. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("the speech detector's graph cannot be closed", e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private final class Listening implements Stream {
    private float[] hidden;
    private float[] cell;

    /** The last {@value #CONTEXT} samples of the windows that were heard, then what is left. */
    private float[] heard;

    Listening(float[] state) {
      hidden = Arrays.copyOfRange(state, 0, CELLS);
      cell = Arrays.copyOfRange(state, CELLS, 2 * CELLS);
      heard = Arrays.copyOfRange(state, 2 * CELLS, state.length);
    }

    @Override
    public float[] append(float[] samples) {
      float[] all = Arrays.copyOf(heard, heard.length + samples.length);
      System.arraycopy(samples, 0, all, heard.length, samples.length);
      int windows = (all.length - CONTEXT) / WINDOW;
      if (windows == 0) {
        heard = all;
        return new float[0];
      }
      float[] input = new float[windows * (CONTEXT + WINDOW)];
      for (int i = 0; i < windows; i++) {
        System.arraycopy(all, i * WINDOW, input, i * (CONTEXT + WINDOW), CONTEXT + WINDOW);
      }
      heard = Arrays.copyOfRange(all, windows * WINDOW, all.length);
      return run(input, windows);
    }

    private float[] run(float[] input, int windows) {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      lock.readLock().lock();
      try {
        if (closed) {
          throw new HostClosedException("the model host was closed");
        }
        try (NativeCalls.Call call = NativeCalls.begin();
            OnnxTensor audio =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(input), new long[] {windows, CONTEXT + WINDOW});
            OnnxTensor h =
                OnnxTensor.createTensor(environment, FloatBuffer.wrap(hidden), CELL_SHAPE);
            OnnxTensor c =
                OnnxTensor.createTensor(environment, FloatBuffer.wrap(cell), CELL_SHAPE);
            OrtSession.Result result = session.run(Map.of("input", audio, "h", h, "c", c))) {
          hidden = values(result, "hn");
          cell = values(result, "cn");
          return values(result, "speech_probs");
        }
      } catch (OrtException e) {
        throw new IllegalStateException("the speech detector's graph cannot be run", e);
      } finally {
        lock.readLock().unlock();
      }
    }

    @Override
    public float[] state() {
      float[] state = Arrays.copyOf(hidden, 2 * CELLS + heard.length);
      System.arraycopy(cell, 0, state, CELLS, CELLS);
      System.arraycopy(heard, 0, state, 2 * CELLS, heard.length);
      return state;
    }
  }

  private static float[] values(OrtSession.Result result, String name) {
    FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
