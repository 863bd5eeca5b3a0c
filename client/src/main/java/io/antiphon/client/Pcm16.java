package io.antiphon.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** 16-bit little-endian samples to bytes and back. */
final class Pcm16 {
  private Pcm16() {}

  static ByteBuffer bytes(short[] samples, int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(samples, from, to - from);
    return bytes;
  }

  static short[] samples(ByteBuffer bytes) {
    short[] samples = new short[bytes.remaining() / 2];
    bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    return samples;
  }
}
