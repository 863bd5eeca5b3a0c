package io.antiphon.analytics.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.antiphon.analytics.rules.RuleSet.Category;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a rule set from JSON, strictly and as a whole: unknown members, wrong types and values out
 * of range are all told at once.
 */
public final class RuleSetReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final String CONDITIONS =
      "said, near, notSaid, sentiment, silence, interruption, all, any, not";
  private static final int DEEPEST = 20;
  private static final long LONGEST_MILLIS = 24 * 3600 * 1000L;

  private final List<String> problems = new ArrayList<>();

  private RuleSetReader() {}

  /**
   * Reads a rule set.
   *
   * @throws RuleSetException with everything that is wrong
   */
  public static RuleSet read(String json) throws RuleSetException {
    RuleSetReader reader = new RuleSetReader();
    RuleSet rules = new RuleSet("", List.of());
    try {
      rules = reader.ruleSet(MAPPER.readTree(json));
    } catch (JsonProcessingException e) {
      reader.problems.add("the rule set is no JSON: " + e.getOriginalMessage());
    }
    if (!reader.problems.isEmpty()) {
      throw new RuleSetException(reader.problems);
    }
    return rules;
  }

  private RuleSet ruleSet(JsonNode node) {
    members("the rule set", node, Set.of("version", "categories"));
    String version = text("version", node.path("version"));
    List<Category> categories = new ArrayList<>();
    Set<String> names = new HashSet<>();
    JsonNode list = node.path("categories");
    if (!list.isArray()) {
      wrong("categories", list, "a list");
    }
    for (int i = 0; i < list.size(); i++) {
      String path = "categories[" + i + "]";
      members(path, list.get(i), Set.of("name", "when"));
      String name = text(path + ".name", list.get(i).path("name"));
      if (!names.add(name)) {
        wrong(path + ".name", list.get(i).path("name"), "a name that no other category has");
      }
      categories.add(
          new Category(name, condition(path + ".when", list.get(i).path("when"), DEEPEST)));
    }
    return new RuleSet(version, categories);
  }

  private Condition condition(String path, JsonNode node, int depth) {
    Condition nothing = new Condition.Any(List.of());
    if (!node.isObject() || node.size() != 1) {
      wrong(path, node, "an object with one of " + CONDITIONS);
      return nothing;
    }
    if (depth == 0) {
      problems.add(path + " is nested deeper than " + DEEPEST + " conditions");
      return nothing;
    }
    String kind = node.fieldNames().next();
    JsonNode value = node.get(kind);
    String inner = path + "." + kind;
    return switch (kind) {
      case "said" -> said(inner, value);
      case "near" -> {
        members(inner, value, Set.of("first", "second", "words", "by"));
        yield new Condition.Near(
            phrases(inner + ".first", value.path("first")),
            phrases(inner + ".second", value.path("second")),
            (int) number(inner + ".words", value.path("words"), 0, 1000, null),
            by(inner, value));
      }
      case "notSaid" -> {
        members(inner, value, Set.of("phrases", "by", "withinMillis"));
        yield new Condition.NotSaid(
            phrases(inner + ".phrases", value.path("phrases")),
            by(inner, value),
            number(inner + ".withinMillis", value.path("withinMillis"), 1, LONGEST_MILLIS, null));
      }
      case "sentiment" -> sentiment(inner, value);
      case "silence" -> {
        members(inner, value, Set.of("longerThanMillis"));
        yield new Condition.Silence(
            number(
                inner + ".longerThanMillis",
                value.path("longerThanMillis"),
                0,
                LONGEST_MILLIS,
                null));
      }
      case "interruption" -> {
        members(inner, value, Set.of("by", "longerThanMillis", "times"));
        yield new Condition.Interrupts(
            by(inner, value),
            number(
                inner + ".longerThanMillis", value.path("longerThanMillis"), 0, LONGEST_MILLIS, 0L),
            (int) number(inner + ".times", value.path("times"), 1, 1000, 1L));
      }
      case "all" -> list(inner, value, depth, (p, l) -> new Condition.All(l));
      case "any" -> list(inner, value, depth, (p, l) -> new Condition.Any(l));
      case "not" -> new Condition.Not(condition(inner, value, depth - 1));
      default -> {
        problems.add(path + " has \"" + kind + "\", expected one of " + CONDITIONS);
        yield nothing;
      }
    };
  }

  private Condition said(String path, JsonNode node) {
    members(path, node, Set.of("phrases", "by", "atBeginMillis", "atEndMillis"));
    Long begin =
        node.has("atBeginMillis")
            ? number(path + ".atBeginMillis", node.get("atBeginMillis"), 1, LONGEST_MILLIS, null)
            : null;
    Long end =
        node.has("atEndMillis")
            ? number(path + ".atEndMillis", node.get("atEndMillis"), 1, LONGEST_MILLIS, null)
            : null;
    return new Condition.Said(
        phrases(path + ".phrases", node.path("phrases")), by(path, node), begin, end);
  }

  private Condition sentiment(String path, JsonNode node) {
    members(path, node, Set.of("by", "atMost", "atLeast", "times"));
    Double atMost = score(path + ".atMost", node.path("atMost"));
    Double atLeast = score(path + ".atLeast", node.path("atLeast"));
    if (atMost == null && atLeast == null) {
      wrong(path, node, "atMost or atLeast");
    }
    return new Condition.SentimentIs(
        by(path, node),
        atMost,
        atLeast,
        (int) number(path + ".times", node.path("times"), 1, 1000, 1L));
  }

  private Condition list(
      String path, JsonNode node, int depth, BiFunction<String, List<Condition>, Condition> made) {
    if (!node.isArray() || node.isEmpty()) {
      wrong(path, node, "a list of conditions");
    }
    List<Condition> conditions = new ArrayList<>();
    for (int i = 0; i < node.size() && node.isArray(); i++) {
      conditions.add(condition(path + "[" + i + "]", node.get(i), depth - 1));
    }
    return made.apply(path, conditions);
  }

  private List<List<String>> phrases(String path, JsonNode node) {
    List<List<String>> phrases = new ArrayList<>();
    if (!node.isArray() || node.isEmpty()) {
      wrong(path, node, "a list of phrases");
      return phrases;
    }
    for (int i = 0; i < node.size(); i++) {
      String phrase = text(path + "[" + i + "]", node.get(i));
      List<String> words = Phrases.words(phrase.toLowerCase(Locale.ROOT));
      if (words.isEmpty() && !phrase.isEmpty()) {
        wrong(path + "[" + i + "]", node.get(i), "a phrase with at least one word");
      }
      phrases.add(words);
    }
    return phrases;
  }

  private @Nullable String by(String path, JsonNode node) {
    return node.has("by") ? text(path + ".by", node.get("by")) : null;
  }

  private @Nullable Double score(String path, JsonNode node) {
    if (node.isMissingNode()) {
      return null;
    }
    if (!node.isNumber() || node.doubleValue() < -5 || node.doubleValue() > 5) {
      wrong(path, node, "a number from -5 to 5");
      return 0.0;
    }
    return node.doubleValue();
  }

  private String text(String path, JsonNode node) {
    if (!node.isTextual() || node.textValue().isBlank()) {
      wrong(path, node, "a text that is not empty");
      return "";
    }
    return node.textValue();
  }

  private long number(String path, JsonNode node, long low, long high, @Nullable Long otherwise) {
    if (node.isMissingNode() && otherwise != null) {
      return otherwise;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < low
        || node.longValue() > high) {
      wrong(path, node, "an integer from " + low + " to " + high);
      return low;
    }
    return node.longValue();
  }

  private void members(String path, JsonNode node, Set<String> known) {
    if (!node.isObject()) {
      wrong(path, node, "an object");
      return;
    }
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                problems.add(
                    path
                        + " has the unknown member \""
                        + name
                        + "\", known are "
                        + String.join(", ", known.stream().sorted().toList()));
              }
            });
  }

  private void wrong(String path, JsonNode node, String expected) {
    String value = node.isMissingNode() ? "missing" : node.toString();
    problems.add(
        path
            + " is "
            + (value.length() > 80 ? value.substring(0, 80) + "…" : value)
            + ", expected "
            + expected);
  }
}
