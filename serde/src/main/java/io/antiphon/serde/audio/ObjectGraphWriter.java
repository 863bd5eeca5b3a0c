package io.antiphon.serde.audio;

import java.io.DataOutput;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.IdentityHashMap;

/**
 * Writes an object of the codec library with everything it holds; {@link ObjectGraphReader} reads
 * it.
 */
final class ObjectGraphWriter {
  private final DataOutput out;
  private final IdentityHashMap<Object, Integer> seen = new IdentityHashMap<>();

  ObjectGraphWriter(DataOutput out) {
    this.out = out;
  }

  void writeRoot(Object root) throws IOException {
    seen.put(root, 0);
    writeFields(root);
  }

  private void writeFields(Object object) throws IOException {
    for (Field field : ObjectGraph.fields(object.getClass())) {
      try {
        writeValue(field.getType(), field.get(object));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e); // fields are made accessible
      }
    }
  }

  private void writeValue(Class<?> type, Object value) throws IOException {
    if (type == int.class) {
      out.writeInt((Integer) value);
    } else if (type == short.class) {
      out.writeShort((Short) value);
    } else if (type == byte.class) {
      out.writeByte((Byte) value);
    } else if (type == boolean.class) {
      out.writeBoolean((Boolean) value);
    } else if (type == long.class) {
      out.writeLong((Long) value);
    } else if (type == float.class) {
      out.writeFloat((Float) value);
    } else if (type.isEnum()) {
      out.writeUTF(value == null ? "" : ((Enum<?>) value).name());
    } else {
      writeReference(value);
    }
  }

  private void writeReference(Object value) throws IOException {
    if (value == null) {
      out.writeByte(ObjectGraph.NULL);
      return;
    }
    String shared = SharedTables.name(value);
    if (shared != null) {
      out.writeByte(ObjectGraph.SHARED);
      out.writeUTF(shared);
      return;
    }
    Integer number = seen.get(value);
    if (number != null) {
      out.writeByte(ObjectGraph.SEEN);
      out.writeShort(number);
      return;
    }
    out.writeByte(ObjectGraph.NEW);
    seen.put(value, seen.size());
    Class<?> type = value.getClass();
    if (type.isArray()) {
      int length = Array.getLength(value);
      out.writeInt(length);
      for (int i = 0; i < length; i++) {
        writeValue(type.getComponentType(), Array.get(value, i));
      }
    } else if (ObjectGraph.isCodecClass(type)) {
      writeFields(value);
    } else {
      throw new IllegalStateException("the codec's state holds a " + type.getName());
    }
  }
}
