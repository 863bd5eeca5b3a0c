package io.antiphon.serde.audio;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What writer and reader of object graphs agree on: the tags and the order of fields. */
final class ObjectGraph {
  static final int NULL = 0;

  /** A new object or array follows. */
  static final int NEW = 1;

  /** An object that came before, by its number. */
  static final int SEEN = 2;

  /** One of {@link SharedTables}, by its name. */
  static final int SHARED = 3;

  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          List<Field> fields = new ArrayList<>();
          for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
              field.setAccessible(true);
              fields.add(field);
            }
          }
          fields.sort(Comparator.comparing(Field::getName));
          return fields;
        }
      };

  private ObjectGraph() {}

  /**
   * The instance fields of a class of the codec library (none of them has a super class), by name.
   */
  static List<Field> fields(Class<?> type) {
    return FIELDS.get(type);
  }

  /**
   * Whether the class belongs to the codec library, so that its objects are written field by field.
   */
  static boolean isCodecClass(Class<?> type) {
    return type.getPackageName().equals(SharedTables.PACKAGE)
        && type.getSuperclass() == Object.class;
  }
}
