package io.antiphon.operators.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a record lies inside state: a byte with the version of its own format, then its fields. Every
 * record that stands inside another one has a format of its own, so that a field can be added to it
 * without a new version of whatever holds it.
 *
 * <p>A new field raises the version; the reader gives it a default where an older version is read.
 * Thread safe when writer and reader are.
 *
 * @param <T> the record
 */
public final class RecordFormat<T> {
  private static final int LARGEST_VERSION = 255;

  /** Writes the fields of the newest version. */
  @FunctionalInterface
  public interface Writer<T> {
    void write(T value, DataOutput out) throws IOException;
  }

  /** Reads the fields of a version, 1 to the newest. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(int version, DataInput in) throws IOException;
  }

  /** Reads the fields of a version, 1 to the newest, into an object. */
  @FunctionalInterface
  public interface Loader<T> {
    void load(T target, int version, DataInput in) throws IOException;
  }

  private final String name;
  private final int version;
  private final Writer<T> writer;
  private final @Nullable Reader<T> reader;
  private final @Nullable Loader<T> loader;

  private RecordFormat(
      String name,
      int version,
      Writer<T> writer,
      @Nullable Reader<T> reader,
      @Nullable Loader<T> loader) {
    if (version < 1 || version > LARGEST_VERSION) {
      throw new IllegalArgumentException(
          "the version of " + name + " is " + version + ", expected 1 to " + LARGEST_VERSION);
    }
    this.name = name;
    this.version = version;
    this.writer = writer;
    this.reader = reader;
    this.loader = loader;
  }

  /**
   * The format of an immutable record.
   *
   * @param name for messages
   */
  public static <T> RecordFormat<T> of(
      String name, int version, Writer<T> writer, Reader<T> reader) {
    return new RecordFormat<>(name, version, writer, reader, null);
  }

  /**
   * The format of what an object owns and takes back.
   *
   * @param name for messages
   */
  public static <T> RecordFormat<T> into(
      String name, int version, Writer<T> writer, Loader<T> loader) {
    return new RecordFormat<>(name, version, writer, null, loader);
  }

  public void put(T value, DataOutput out) throws IOException {
    out.writeByte(version);
    writer.write(value, out);
  }

  /**
   * @throws IncompatibleStateException when a later release wrote the record
   */
  public T get(DataInput in) throws IOException {
    return Objects.requireNonNull(reader, name).read(version(in), in);
  }

  /**
   * Reads into an object.
   *
   * @throws IncompatibleStateException when a later release wrote the record
   */
  public void load(T target, DataInput in) throws IOException {
    Objects.requireNonNull(loader, name).load(target, version(in), in);
  }

  private int version(DataInput in) throws IOException {
    int written = in.readUnsignedByte();
    if (written < 1 || written > version) {
      throw IncompatibleStateException.later(name, written, version);
    }
    return written;
  }
}
