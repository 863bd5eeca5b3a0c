package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@link ObjectGraphWriter} wrote into a fresh object of the same class. Types come from
 * the fields' declarations, never from the bytes, so the bytes cannot name a class.
 */
final class ObjectGraphReader {
  private static final int MAXIMUM_ARRAY_LENGTH = 1 << 16;

  private final DataInput in;
  private final List<Object> seen = new ArrayList<>();

  ObjectGraphReader(DataInput in) {
    this.in = in;
  }

  void readRoot(Object root) throws IOException {
    seen.add(root);
    readFields(root);
  }

  private void readFields(Object object) throws IOException {
    for (Field field : ObjectGraph.fields(object.getClass())) {
      Object value = readValue(field.getType());
      try {
        field.set(object, value);
      } catch (IllegalAccessException | IllegalArgumentException e) {
        throw new IOException("field " + field.getName() + " does not fit", e);
      }
    }
  }

  private Object readValue(Class<?> type) throws IOException {
    if (type == int.class) {
      return in.readInt();
    } else if (type == short.class) {
      return in.readShort();
    } else if (type == byte.class) {
      return in.readByte();
    } else if (type == boolean.class) {
      return in.readBoolean();
    } else if (type == long.class) {
      return in.readLong();
    } else if (type == float.class) {
      return in.readFloat();
    } else if (type.isEnum()) {
      return readConstant(type);
    }
    return readReference(type);
  }

  private Object readConstant(Class<?> type) throws IOException {
    String name = in.readUTF();
    if (name.isEmpty()) {
      return null;
    }
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new IOException(type.getSimpleName() + " " + name);
  }

  private Object readReference(Class<?> type) throws IOException {
    int tag = in.readByte();
    return switch (tag) {
      case ObjectGraph.NULL -> null;
      case ObjectGraph.NEW ->
          type.isArray() ? readArray(type.getComponentType()) : readObject(type);
      case ObjectGraph.SEEN -> readSeen();
      case ObjectGraph.SHARED -> readShared();
      default -> throw new IOException("tag " + tag);
    };
  }

  private Object readArray(Class<?> componentType) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAXIMUM_ARRAY_LENGTH) {
      throw new IOException("an array of length " + length);
    }
    Object array = Array.newInstance(componentType, length);
    seen.add(array);
    for (int i = 0; i < length; i++) {
      Object value = readValue(componentType);
      try {
        Array.set(array, i, value);
      } catch (IllegalArgumentException e) {
        throw new IOException("element " + i + " does not fit", e);
      }
    }
    return array;
  }

  private Object readObject(Class<?> type) throws IOException {
    if (!ObjectGraph.isCodecClass(type)) {
      throw new IOException("a " + type.getName());
    }
    Object object;
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      object = constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IOException(type.getName() + " cannot be made", e);
    }
    seen.add(object);
    readFields(object);
    return object;
  }

  private Object readSeen() throws IOException {
    int number = in.readUnsignedShort();
    if (number >= seen.size()) {
      throw new IOException("object number " + number + " of " + seen.size());
    }
    return seen.get(number);
  }

  private Object readShared() throws IOException {
    String name = in.readUTF();
    Object table = SharedTables.table(name);
    if (table == null) {
      throw new IOException("table " + name);
    }
    return table;
  }
}
