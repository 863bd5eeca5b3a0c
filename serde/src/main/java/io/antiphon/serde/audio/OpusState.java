package io.antiphon.serde.audio;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Saves and restores the codec library's encoder and decoder, deflated. The library has no such
 * thing itself, and without it a restored answer would go out with other bytes than the lost one.
 */
final class OpusState {
  /** Far above any codec's state; keeps a broken length from filling the memory. */
  private static final int MAXIMUM_BYTES = 1 << 20;

  private OpusState() {}

  static void save(Object codec, DataOutput out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (DataOutputStream fields =
        new DataOutputStream(new BufferedOutputStream(new DeflaterOutputStream(bytes, deflater)))) {
      new ObjectGraphWriter(fields).writeRoot(codec);
    } finally {
      deflater.end();
    }
    out.writeInt(bytes.size());
    out.write(bytes.toByteArray());
  }

  static void load(Object codec, DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAXIMUM_BYTES) {
      throw new IOException("a length of " + length + ", expected 0 to " + MAXIMUM_BYTES);
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    try (DataInputStream fields =
        new DataInputStream(
            new BufferedInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes))))) {
      new ObjectGraphReader(fields).readRoot(codec);
    }
  }
}
