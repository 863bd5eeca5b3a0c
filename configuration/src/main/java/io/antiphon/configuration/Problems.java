package io.antiphon.configuration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with a configuration, one problem per setting, so that all can be told at
 * once.
 */
public final class Problems {
  private final Map<String, String> bySetting;
  private final String prefix;

  public Problems() {
    this(new LinkedHashMap<>(), "");
  }

  private Problems(Map<String, String> bySetting, String prefix) {
    this.bySetting = bySetting;
    this.prefix = prefix;
  }

  /** The same collection, with {@code name.} before every setting. */
  Problems within(String name) {
    return new Problems(bySetting, prefix + name + ".");
  }

  /** Records that {@code setting} has {@code value} although {@code expectation} is wanted. */
  public void add(String setting, @Nullable Object value, String expectation) {
    addSentence(setting, "is " + shown(value) + "; expected " + expectation);
  }

  /** {@link #add} unless {@code holds}. */
  public void require(boolean holds, String setting, @Nullable Object value, String expectation) {
    if (!holds) {
      add(setting, value, expectation);
    }
  }

  /** What a module found in its own settings; its sentences begin with the setting's name. */
  public void addAll(ConfigurationException found) {
    for (String sentence : found.problems()) {
      int end = sentence.indexOf(' ');
      addSentence(sentence.substring(0, end), sentence.substring(end + 1));
    }
  }

  /**
   * The first problem of a setting stays: a value that cannot be read need not also be out of
   * range.
   */
  void addSentence(String setting, String sentence) {
    bySetting.putIfAbsent(prefix + setting, prefix + setting + " " + sentence);
  }

  public boolean isEmpty() {
    return bySetting.isEmpty();
  }

  /** One sentence per problem, in the order found. */
  public List<String> sentences() {
    return List.copyOf(bySetting.values());
  }

  private static String shown(@Nullable Object value) {
    if (value == null) {
      return "empty";
    }
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : "\"" + value + "\"";
  }
}
