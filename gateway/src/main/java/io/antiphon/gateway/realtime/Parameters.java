package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Reads the fields of a client's JSON object by type, with errors worded as OpenAI's are. Fields
 * that nobody reads are ignored; a field that is null counts as absent unless asked for by {@link
 * #isNull}.
 */
final class Parameters {
  private static final int SHOWN = 64;

  private final JsonNode node;
  private final String path;

  private Parameters(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  static Parameters of(JsonNode object) {
    return new Parameters(object, "");
  }

  /** The path of a field, as errors name it. */
  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Whether the client wrote the field at all, be it null. */
  boolean has(String name) {
    return node.has(name);
  }

  boolean isNull(String name) {
    return node.has(name) && node.get(name).isNull();
  }

  /** The raw value, for what is only handed on; missing where absent. */
  JsonNode raw(String name) {
    return node.path(name);
  }

  Optional<String> text(String name) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw type(name, "a string", value);
    }
    return Optional.of(value.textValue());
  }

  String requiredText(String name) throws RealtimeException {
    return text(name).orElseThrow(() -> missing(name));
  }

  /** One of a few words. */
  Optional<String> choice(String name, List<String> choices) throws RealtimeException {
    Optional<String> value = text(name);
    if (value.isPresent() && !choices.contains(value.get())) {
      throw value(name, value.get(), choices);
    }
    return value;
  }

  Optional<Boolean> truth(String name) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw type(name, "a boolean", value);
    }
    return Optional.of(value.booleanValue());
  }

  OptionalInt integer(String name, int least, int most) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return OptionalInt.empty();
    }
    if (!value.isNumber()) {
      throw type(name, "an integer", value);
    }
    double number = value.doubleValue();
    if (number != Math.rint(number)) {
      throw type(name, "an integer", value);
    }
    if (number < least || number > most) {
      throw range(name, value, String.valueOf(least), String.valueOf(most));
    }
    return OptionalInt.of((int) number);
  }

  OptionalDouble decimal(String name, double least, double most) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber()) {
      throw type(name, "a number", value);
    }
    double number = value.doubleValue();
    if (!(number >= least && number <= most)) {
      throw range(name, value, String.valueOf(least), String.valueOf(most));
    }
    return OptionalDouble.of(number);
  }

  /** A nested object; empty where absent. */
  Optional<Parameters> object(String name) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      throw type(name, "an object", value);
    }
    return Optional.of(new Parameters(value, path(name)));
  }

  Parameters requiredObject(String name) throws RealtimeException {
    return object(name).orElseThrow(() -> missing(name));
  }

  /** An array of objects; empty where absent. */
  Optional<List<Parameters>> objects(String name) throws RealtimeException {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return Optional.empty();
    }
    if (!value.isArray()) {
      throw type(name, "an array of objects", value);
    }
    List<Parameters> all = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      String element = name + "[" + i + "]";
      if (!value.get(i).isObject()) {
        throw type(element, "an object", value.get(i));
      }
      all.add(new Parameters(value.get(i), path(element)));
    }
    return Optional.of(all);
  }

  RealtimeException missing(String name) {
    return new RealtimeException(
        "missing_required_parameter",
        "Missing required parameter: '" + path(name) + "'.",
        path(name));
  }

  RealtimeException value(String name, String given, List<String> choices) {
    return new RealtimeException(
        "invalid_value",
        "Invalid value: '"
            + shortened(given)
            + "'. Supported values are: '"
            + String.join("', '", choices)
            + "'.",
        path(name));
  }

  RealtimeException invalid(String name, String message) {
    return new RealtimeException("invalid_value", message, path(name));
  }

  private RealtimeException type(String name, String expected, JsonNode given) {
    return new RealtimeException(
        "invalid_type",
        "Invalid type for '"
            + path(name)
            + "': expected "
            + expected
            + ", but got "
            + kind(given)
            + " instead.",
        path(name));
  }

  private RealtimeException range(String name, JsonNode given, String least, String most) {
    return new RealtimeException(
        "invalid_value",
        "Invalid value for '"
            + path(name)
            + "': expected "
            + least
            + " to "
            + most
            + ", but got "
            + shortened(given.asText())
            + ".",
        path(name));
  }

  private static boolean absent(JsonNode value) {
    return value instanceof MissingNode || value.isNull();
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT, POJO -> "an object";
      case STRING, BINARY -> "a string";
      case NUMBER -> node.isIntegralNumber() ? "an integer" : "a decimal number";
      case BOOLEAN -> "a boolean";
      case NULL, MISSING -> "null";
    };
  }

  static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
