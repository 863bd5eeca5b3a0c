package io.antiphon.runtime.detokenizer;

import io.antiphon.runtime.manifest.Manifest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * One stream's place in its answer and the named states of the graph, each as opaque bytes. Its
 * carry is: format version, ids fed, samples given, then the states in the manifest's order.
 */
final class DetokenizerState implements SpeechDecoder.Stream {
  private static final byte VERSION = 1;
  private static final int HEADER = 1 + 2 * Long.BYTES;

  private final List<Manifest.State> states;

  /** One array for each state, in native byte order. */
  final byte[][] values;

  /** Ids of the answer so far. */
  long ids;

  /** Samples that the graph gave, those before the beginning included. */
  long samples;

  DetokenizerState(List<Manifest.State> states) {
    this.states = states;
    this.values = new byte[states.size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = new byte[states.get(i).size() * states.get(i).type().bytes()];
    }
    reset();
  }

  /** The beginning of an answer. */
  void reset() {
    ids = 0;
    samples = 0;
    for (int i = 0; i < values.length; i++) {
      fill(states.get(i), ByteBuffer.wrap(values[i]).order(ByteOrder.nativeOrder()));
    }
  }

  /**
   * Takes a call's result in: of the samples that it gave for {@code spoken} ids, those that are
   * part of the answer, neither before its beginning nor behind its end.
   */
  float[] heard(float[] given, int spoken, Manifest.StreamingDetokenizer detokenizer) {
    long begin = samples;
    ids += spoken;
    samples += given.length;
    long length = ids * detokenizer.samplesPerToken();
    long first = Math.max(0, detokenizer.delaySamples() - begin);
    long behind = Math.min(given.length, detokenizer.delaySamples() + length - begin);
    return first >= behind ? new float[0] : Arrays.copyOfRange(given, (int) first, (int) behind);
  }

  static void fill(Manifest.State state, ByteBuffer target) {
    while (target.hasRemaining()) {
      switch (state.type()) {
        case FLOAT64 -> target.putDouble(state.fill());
        case FLOAT32 -> target.putFloat((float) state.fill());
        case INT32 -> target.putInt((int) state.fill());
        case INT64 -> target.putLong((long) state.fill());
        case UINT8, BOOL -> target.put((byte) state.fill());
      }
    }
  }

  @Override
  public byte[] carry() {
    ByteBuffer carry = ByteBuffer.allocate(size());
    carry.put(VERSION).putLong(ids).putLong(samples);
    for (byte[] value : values) {
      carry.put(value);
    }
    return carry.array();
  }

  @Override
  public void restore(byte[] carry) {
    if (carry.length != size() || carry[0] != VERSION) {
      throw new IllegalArgumentException(
          "a detokenizer carry of "
              + carry.length
              + " bytes does not belong to this bundle, expected "
              + size());
    }
    ByteBuffer buffer = ByteBuffer.wrap(carry, 1, carry.length - 1);
    ids = buffer.getLong();
    samples = buffer.getLong();
    for (byte[] value : values) {
      buffer.get(value);
    }
  }

  private int size() {
    int size = HEADER;
    for (byte[] value : values) {
      size += value.length;
    }
    return size;
  }
}
