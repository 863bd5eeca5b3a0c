package io.antiphon.operators.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the values inside our serialised records lie in bytes: lengths as int, -1 for null. */
public final class StateEncoding {
  private StateEncoding() {}

  public interface Writer<T> {
    void write(T value, DataOutput out) throws IOException;
  }

  public interface Reader<T> {
    T read(DataInput in) throws IOException;
  }

  public static void writeBytes(byte @Nullable [] value, DataOutput out) throws IOException {
    if (value == null) {
      out.writeInt(-1);
      return;
    }
    out.writeInt(value.length);
    out.write(value);
  }

  /** Bytes that are never left out. */
  public static byte[] readBytes(DataInput in) throws IOException {
    return present(readBytesOrNull(in));
  }

  public static byte @Nullable [] readBytesOrNull(DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return null;
    }
    byte[] value = new byte[length];
    in.readFully(value);
    return value;
  }

  private static <T> T present(@Nullable T value) throws IOException {
    if (value == null) {
      throw new IOException("a value that is never left out is missing");
    }
    return value;
  }

  public static void writeString(@Nullable String value, DataOutput out) throws IOException {
    writeBytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8), out);
  }

  /** A text that is never left out. */
  public static String readString(DataInput in) throws IOException {
    return present(readStringOrNull(in));
  }

  public static @Nullable String readStringOrNull(DataInput in) throws IOException {
    byte[] bytes = readBytesOrNull(in);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  public static void writeFloats(float[] value, DataOutput out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(value.length * Float.BYTES);
    bytes.asFloatBuffer().put(value);
    writeBytes(bytes.array(), out);
  }

  public static float[] readFloats(DataInput in) throws IOException {
    byte[] bytes = readBytes(in);
    float[] value = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(value);
    return value;
  }

  public static void writeInts(int[] value, DataOutput out) throws IOException {
    out.writeInt(value.length);
    for (int each : value) {
      out.writeInt(each);
    }
  }

  public static int[] readInts(DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw new IOException("numbers that are never left out are missing");
    }
    int[] value = new int[length];
    for (int i = 0; i < length; i++) {
      value[i] = in.readInt();
    }
    return value;
  }

  /** Seven bits a byte, the lowest first: small numbers take few bytes, negative ones five. */
  public static void writeCompactInt(int value, DataOutput out) throws IOException {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      out.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  public static int readCompactInt(DataInput in) throws IOException {
    int value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      int part = in.readUnsignedByte();
      value |= (part & 0x7f) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw new IOException("a number of more than five bytes");
  }

  public static <T> void writeList(@Nullable List<T> value, Writer<T> writer, DataOutput out)
      throws IOException {
    if (value == null) {
      out.writeInt(-1);
      return;
    }
    out.writeInt(value.size());
    for (T each : value) {
      writer.write(each, out);
    }
  }

  /** A list that is never left out. */
  public static <T> List<T> readList(Reader<T> reader, DataInput in) throws IOException {
    return present(readListOrNull(reader, in));
  }

  public static <T> @Nullable List<T> readListOrNull(Reader<T> reader, DataInput in)
      throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return null;
    }
    List<T> value = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      value.add(reader.read(in));
    }
    return List.copyOf(value);
  }

  /** Writes a value that may be null. */
  public static <T> void writeOptional(@Nullable T value, Writer<T> writer, DataOutput out)
      throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      writer.write(value, out);
    }
  }

  public static <T> @Nullable T readOptional(Reader<T> reader, DataInput in) throws IOException {
    return in.readBoolean() ? reader.read(in) : null;
  }
}
