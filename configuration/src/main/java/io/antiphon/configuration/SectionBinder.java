package io.antiphon.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/**
 * Binds a tree of settings to records whose components have the settings' names.
 *
 * <p>A value that is missing or cannot be read is replaced by the default (and, if it cannot be
 * read, reported), so that every record can be made and checked and all problems are found in one
 * go.
 */
final class SectionBinder {
  private static final int NEAR = 3;

  /** Under this name the built-in settings hold the defaults of sections that the user names. */
  private static final String TEMPLATE = "NAME";

  private SectionBinder() {}

  /**
   * @param given what the user wrote for this section; may be missing
   * @param defaults a complete mapping
   */
  static <T extends Record & Section> T bind(
      Class<T> type, JsonNode given, JsonNode defaults, Problems problems) {
    JsonNode mapping = given;
    if (!given.isMissingNode() && !given.isObject()) {
      // Reported by the caller, which knows the section's name.
      mapping = MissingNode.getInstance();
    }
    RecordComponent[] components = type.getRecordComponents();
    reportUnknown(components, mapping, problems);
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      values[i] = value(components[i], mapping.path(name), defaults.path(name), problems);
    }
    T section = construct(type, components, values);
    section.check(problems);
    return section;
  }

  /**
   * The parts of a dotted name. What stands behind a mapping of texts is one part, whatever dots it
   * has: such names are others' and often dotted, as "kafka.properties.sasl.jaas.config".
   */
  static String[] path(Class<?> type, String name) {
    String[] parts = name.split("\\.", -1);
    Class<?> section = type;
    for (int i = 0; i < parts.length - 1; i++) {
      RecordComponent component = component(section, parts[i]);
      if (component == null) {
        break;
      }
      Optional<Class<?>> named = sectionsByName(component);
      if (named.isPresent()) {
        section = named.get();
        i++; // the user's name of the section
      } else if (component.getType() == Map.class) {
        String key = String.join(".", Arrays.asList(parts).subList(i + 1, parts.length));
        String[] joined = Arrays.copyOf(parts, i + 2);
        joined[i + 1] = key;
        return joined;
      } else if (component.getType().isRecord()) {
        section = component.getType();
      } else {
        break;
      }
    }
    return parts;
  }

  static @Nullable RecordComponent component(Class<?> section, String name) {
    for (RecordComponent component : section.getRecordComponents()) {
      if (component.getName().equals(name)) {
        return component;
      }
    }
    return null;
  }

  private static Object value(
      RecordComponent component, JsonNode given, JsonNode defaults, Problems problems) {
    String name = component.getName();
    Class<?> type = component.getType();
    if (Section.class.isAssignableFrom(type)) {
      if (!given.isMissingNode() && !given.isObject()) {
        problems.add(name, text(given), "a mapping of settings");
      }
      return bindSection(type, given, defaults, problems.within(name));
    }
    Optional<Class<?>> entries = sectionsByName(component);
    if (entries.isPresent()) {
      if (!given.isMissingNode() && !given.isObject()) {
        problems.add(name, text(given), "a mapping of names to settings");
      }
      return bindSections(entries.get(), given, defaults, problems.within(name));
    }
    if (!given.isMissingNode()) {
      try {
        return type == Map.class ? merged(given, defaults) : read(component, given);
      } catch (IllegalArgumentException e) {
        if (type == Map.class) {
          // Whatever stands there may be a secret.
          problems.addSentence(name, "cannot be read; expected " + expectation(component));
        } else {
          problems.add(name, text(given), expectation(component));
        }
      }
    }
    if (defaults.isMissingNode()) {
      throw new IllegalStateException("the built-in defaults lack " + name);
    }
    return read(component, defaults);
  }

  /** The given entries over those of the defaults: a mapping, too, holds only what differs. */
  private static Map<String, String> merged(JsonNode given, JsonNode defaults) {
    Map<String, String> entries = new LinkedHashMap<>(stringMap(defaults));
    entries.putAll(stringMap(given));
    return Map.copyOf(entries);
  }

  /** The sections' type when a component maps names to them. */
  static Optional<Class<?>> sectionsByName(RecordComponent component) {
    if (component.getType() != Map.class) {
      return Optional.empty();
    }
    Type value = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[1];
    return value instanceof Class<?> type && Section.class.isAssignableFrom(type)
        ? Optional.of(type)
        : Optional.empty();
  }

  /** Sections that the user names; each has the defaults of the one that is called NAME. */
  private static Map<String, Object> bindSections(
      Class<?> type, JsonNode given, JsonNode defaults, Problems problems) {
    JsonNode template = defaults.path(TEMPLATE);
    if (template.isMissingNode()) {
      throw new IllegalStateException("the built-in defaults lack " + TEMPLATE + " for " + type);
    }
    Map<String, Object> sections = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      if (!entry.getValue().isObject()) {
        problems.add(entry.getKey(), text(entry.getValue()), "a mapping of settings");
      }
      sections.put(
          entry.getKey(),
          bindSection(type, entry.getValue(), template, problems.within(entry.getKey())));
    }
    return sections;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Record & Section> Object bindSection(
      Class<?> type, JsonNode given, JsonNode defaults, Problems problems) {
    return bind((Class<T>) type, given, defaults, problems);
  }

  private static Object read(RecordComponent component, JsonNode node) {
    if (component.getType() == Optional.class) {
      Class<?> inner =
          (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      return node.isNull() || node.asText().isEmpty()
          ? Optional.empty()
          : Optional.of(scalar(inner, node));
    }
    if (component.getType() == Map.class) {
      return stringMap(node);
    }
    if (component.getType() == List.class) {
      return stringList(node);
    }
    return scalar(component.getType(), node);
  }

  /** A sequence, or one text with commas as a command line gives it. */
  private static List<String> stringList(JsonNode node) {
    if (node.isTextual()) {
      return Arrays.stream(node.asText().split(","))
          .map(String::strip)
          .filter(element -> !element.isEmpty())
          .toList();
    }
    if (!node.isArray()) {
      throw new IllegalArgumentException();
    }
    List<String> elements = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isValueNode() || element.isNull()) {
        throw new IllegalArgumentException();
      }
      elements.add(element.asText());
    }
    return List.copyOf(elements);
  }

  private static Map<String, String> stringMap(JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException();
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
        throw new IllegalArgumentException();
      }
      map.put(entry.getKey(), entry.getValue().asText());
    }
    return Map.copyOf(map);
  }

  private static Object scalar(Class<?> type, JsonNode node) {
    if (!node.isValueNode() || node.isNull()) {
      throw new IllegalArgumentException();
    }
    String text = node.asText().trim();
    if (type == String.class) {
      return text;
    }
    if (type == int.class) {
      return Integer.parseInt(text);
    }
    if (type == long.class) {
      return Long.parseLong(text);
    }
    if (type == double.class) {
      return Double.parseDouble(text);
    }
    if (type == boolean.class) {
      return truth(text);
    }
    if (type == Duration.class) {
      return Durations.parse(text);
    }
    if (type == ByteSize.class) {
      return ByteSize.parse(text);
    }
    if (type == Path.class) {
      return path(text);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    throw new IllegalStateException("no setting can have the type " + type.getName());
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException();
    }
    return Path.of(text);
  }

  private static Object constant(Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      if (written(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException();
  }

  private static String written(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String expectation(RecordComponent component) {
    Type type = component.getGenericType();
    if (type instanceof ParameterizedType parameterized && component.getType() == Optional.class) {
      return expectation((Class<?>) parameterized.getActualTypeArguments()[0]) + " or nothing";
    }
    return expectation(component.getType());
  }

  private static String expectation(Class<?> type) {
    if (type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == double.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == Duration.class) {
      return Durations.EXPECTATION;
    }
    if (type == ByteSize.class) {
      return ByteSize.EXPECTATION;
    }
    if (type == Path.class) {
      return "a path";
    }
    if (type == Map.class) {
      return "a mapping of names to values";
    }
    if (type == List.class) {
      return "a list of texts";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(SectionBinder::written)
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return "a text";
  }

  private static void reportUnknown(
      RecordComponent[] components, JsonNode mapping, Problems problems) {
    List<String> known = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (Map.Entry<String, JsonNode> entry : mapping.properties()) {
      String name = entry.getKey();
      if (!known.contains(name)) {
        problems.addSentence(name, "is not a setting; " + suggestion(name, known));
      }
    }
  }

  private static String suggestion(String name, List<String> known) {
    String nearest = null;
    int distance = NEAR + 1;
    for (String candidate : known) {
      int d =
          LevenshteinDistance.getDefaultInstance()
              .apply(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (d < distance) {
        distance = d;
        nearest = candidate;
      }
    }
    return nearest != null
        ? "did you mean " + nearest + "?"
        : "expected one of " + String.join(", ", known);
  }

  private static @Nullable String text(JsonNode node) {
    return node.isNull() ? null : node.isValueNode() ? node.asText() : node.toString();
  }

  private static <T extends Record> T construct(
      Class<T> type, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(type.getName() + " refuses its settings", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be made", e);
    }
  }
}
