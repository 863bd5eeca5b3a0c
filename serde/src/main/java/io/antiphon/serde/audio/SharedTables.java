package io.antiphon.serde.audio;

import io.github.jaredmdobson.concentus.OpusDecoder;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The codec library's constants (modes, codebooks) that its states point to: written by name, not
 * by value, and the same object again after reading.
 */
final class SharedTables {
  static final String PACKAGE = OpusDecoder.class.getPackageName();

  private static final List<String> HOLDERS =
      List.of("CeltMode", "CeltTables", "SilkTables", "OpusTables");

  private static final IdentityHashMap<Object, String> NAMES = new IdentityHashMap<>();
  private static final Map<String, Object> TABLES = new HashMap<>();

  static {
    try {
      for (String holder : HOLDERS) {
        for (Field field : Class.forName(PACKAGE + "." + holder).getDeclaredFields()) {
          if (Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
            field.setAccessible(true);
            add(holder + "." + field.getName(), field.get(null));
          }
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private SharedTables() {}

  /** The table's name, or null when the object is none. */
  static String name(Object table) {
    return NAMES.get(table);
  }

  /** The table of that name, or null. */
  static Object table(String name) {
    return TABLES.get(name);
  }

  private static void add(String name, Object value) {
    if (value == null || NAMES.putIfAbsent(value, name) != null) {
      return;
    }
    TABLES.put(name, value);
    if (value instanceof Object[] elements) {
      for (int i = 0; i < elements.length; i++) {
        add(name + "." + i, elements[i]);
      }
    }
  }
}
