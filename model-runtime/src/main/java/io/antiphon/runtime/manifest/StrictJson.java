package io.antiphon.runtime.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object member by member and collects what is wrong: missing, of another type, out
 * of range, unknown. A wrong member reads as a harmless value, so that reading goes on to the next
 * problem.
 */
final class StrictJson {
  private final String path;
  private final JsonNode node;
  private final List<String> problems;
  private final Set<String> seen = new HashSet<>();

  StrictJson(String path, JsonNode node, List<String> problems) {
    this.path = path;
    this.problems = problems;
    if (!node.isObject()) {
      problems.add(
          (path.isEmpty() ? "the document" : path) + " is " + node + ", expected an object");
      this.node = JsonNodeFactory.instance.objectNode();
    } else {
      this.node = node;
    }
  }

  String string(String name) {
    JsonNode value = member(name, JsonNode::isTextual, "a string");
    return value == null ? "" : value.textValue();
  }

  boolean bool(String name) {
    JsonNode value = member(name, JsonNode::isBoolean, "true or false");
    return value != null && value.booleanValue();
  }

  int integer(String name, int low, int high) {
    String expected = "an integer from " + low + " to " + high;
    JsonNode value =
        member(
            name,
            number ->
                number.canConvertToInt() && number.isIntegralNumber() && in(number, low, high),
            expected);
    return value == null ? low : value.intValue();
  }

  double number(String name) {
    JsonNode value = member(name, JsonNode::isNumber, "a number");
    return value == null ? 1 : value.doubleValue();
  }

  List<Integer> integers(String name) {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode element : array(name, JsonNode::isIntegralNumber, "integers")) {
      integers.add(element.intValue());
    }
    return List.copyOf(integers);
  }

  List<String> strings(String name) {
    List<String> strings = new ArrayList<>();
    for (JsonNode element : array(name, JsonNode::isTextual, "strings")) {
      strings.add(element.textValue());
    }
    return List.copyOf(strings);
  }

  StrictJson object(String name) {
    JsonNode value = member(name, JsonNode::isObject, "an object");
    return new StrictJson(
        pathOf(name), value == null ? JsonNodeFactory.instance.objectNode() : value, problems);
  }

  Optional<StrictJson> optionalObject(String name) {
    seen.add(name);
    return node.has(name) ? Optional.of(object(name)) : Optional.empty();
  }

  OptionalInt optionalInteger(String name, int low, int high) {
    seen.add(name);
    return node.has(name) ? OptionalInt.of(integer(name, low, high)) : OptionalInt.empty();
  }

  Optional<String> optionalString(String name) {
    seen.add(name);
    return node.has(name) ? Optional.of(string(name)) : Optional.empty();
  }

  List<StrictJson> objects(String name) {
    List<StrictJson> objects = new ArrayList<>();
    for (JsonNode element : array(name, JsonNode::isObject, "objects")) {
      objects.add(new StrictJson(pathOf(name) + "[" + objects.size() + "]", element, problems));
    }
    return objects;
  }

  /** Reports members that nobody asked for. */
  void finish() {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!seen.contains(name)) {
                problems.add(
                    pathOf(name) + " is unknown, expected one of " + String.join(", ", seen));
              }
            });
  }

  void problem(String name, Object value, String expected) {
    problems.add(pathOf(name) + " is " + value + ", expected " + expected);
  }

  private Iterable<JsonNode> array(String name, Predicate<JsonNode> valid, String expected) {
    JsonNode value = member(name, JsonNode::isArray, "an array of " + expected);
    if (value == null) {
      return List.of();
    }
    for (JsonNode element : value) {
      if (!valid.test(element)) {
        problem(name, value, "an array of " + expected);
        return List.of();
      }
    }
    return value;
  }

  private @Nullable JsonNode member(String name, Predicate<JsonNode> valid, String expected) {
    seen.add(name);
    JsonNode value = node.get(name);
    if (value == null) {
      problems.add(pathOf(name) + " is missing, expected " + expected);
      return null;
    }
    if (!valid.test(value)) {
      problem(name, value, expected);
      return null;
    }
    return value;
  }

  private static boolean in(JsonNode number, int low, int high) {
    return number.intValue() >= low && number.intValue() <= high;
  }

  private String pathOf(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
