package io.antiphon.operators.calls;

import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Samples of 16 bits in state. */
final class Sound {
  private Sound() {}

  static void write(short[] samples, DataOutput out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(samples.length * Short.BYTES);
    bytes.asShortBuffer().put(samples);
    StateEncoding.writeBytes(bytes.array(), out);
  }

  static short[] read(DataInput in) throws IOException {
    byte[] bytes = StateEncoding.readBytes(in);
    short[] samples = new short[bytes.length / Short.BYTES];
    ByteBuffer.wrap(bytes).asShortBuffer().get(samples);
    return samples;
  }
}
