package io.antiphon.serde.audio;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The envelope of saved codec states: a version byte, then the codec's own fields. */
final class AudioState {
  private static final int VERSION = 1;

  private AudioState() {}

  interface Saver {
    void save(DataOutput out) throws IOException;
  }

  interface Loader {
    void load(DataInput in) throws IOException;
  }

  static byte[] save(Saver saver) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      saver.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  static void restore(byte[] state, String what, Loader loader) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IOException("version " + version + ", expected " + VERSION);
      }
      loader.load(in);
      if (in.available() > 0) {
        throw new IOException(in.available() + " bytes left over");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "these "
              + state.length
              + " bytes are no saved state of the "
              + what
              + ": "
              + e.getMessage(),
          e);
    }
  }

  static void writeFloats(DataOutput out, float[] values, int length) throws IOException {
    out.writeInt(length);
    for (int i = 0; i < length; i++) {
      out.writeFloat(values[i]);
    }
  }

  /** Writes 16-bit samples at once: an encoder has some 26 000 of them to save. */
  static void writeShorts(DataOutput out, short[] values, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(2 * length);
    bytes.asShortBuffer().put(values, 0, length);
    out.writeInt(length);
    out.write(bytes.array());
  }

  /** Reads what {@link #writeShorts} wrote, at most {@code maximum} values. */
  static short[] readShorts(DataInput in, int maximum) throws IOException {
    short[] values = new short[readLength(in, maximum)];
    byte[] bytes = new byte[2 * values.length];
    in.readFully(bytes);
    ByteBuffer.wrap(bytes).asShortBuffer().get(values);
    return values;
  }

  /** Reads what {@link #writeFloats} wrote, at most {@code maximum} values. */
  static float[] readFloats(DataInput in, int maximum) throws IOException {
    float[] values = new float[readLength(in, maximum)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }

  /** Reads a length that a broken state must not make larger than the memory. */
  static int readLength(DataInput in, int maximum) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > maximum) {
      throw new IOException("a length of " + length + ", expected 0 to " + maximum);
    }
    return length;
  }
}
