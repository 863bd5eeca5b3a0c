package io.antiphon.operators.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Serialiser of an immutable value. Every serialised value begins with its format's version byte,
 * so values of all versions can stand in one state and are read by the newest code.
 *
 * <p>Subclasses have a public constructor without arguments, no fields, and are listed as services
 * of this class: savepoints name them by {@link #typeId()}, so that classes and packages may be
 * renamed.
 */
public abstract class VersionedSerializer<T> extends TypeSerializer<T> {
  /** The type's name in savepoints. It never changes, and no other type ever gets it. */
  public abstract String typeId();

  /** The format that {@link #write} writes, from 1. */
  public abstract int version();

  protected abstract void write(T value, DataOutputView out) throws IOException;

  /**
   * @param version 1 to {@link #version()}
   */
  protected abstract T read(int version, DataInputView in) throws IOException;

  @Override
  public final void serialize(T value, DataOutputView out) throws IOException {
    out.writeByte(version());
    write(value, out);
  }

  /** How many bytes {@link #serialize} writes of a value. */
  public final int bytes(T value) {
    DataOutputSerializer out = new DataOutputSerializer(256);
    try {
      serialize(value, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.length();
  }

  @Override
  public final T deserialize(DataInputView in) throws IOException {
    int written = in.readUnsignedByte();
    if (written < 1 || written > version()) {
      throw IncompatibleStateException.later(typeId(), written, version());
    }
    return read(written, in);
  }

  @Override
  public final T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public final void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  @Override
  public final boolean isImmutableType() {
    return true;
  }

  @Override
  public final TypeSerializer<T> duplicate() {
    return this;
  }

  /** No value can be reused, so none is made. */
  @Override
  public final @Nullable T createInstance() {
    return null;
  }

  @Override
  public final T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return from;
  }

  @Override
  public final int getLength() {
    return -1;
  }

  @Override
  public final boolean equals(Object other) {
    return other != null && other.getClass() == getClass();
  }

  @Override
  public final int hashCode() {
    return typeId().hashCode();
  }

  @Override
  public final TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new VersionedSerializerSnapshot<>(this);
  }
}
