package io.antiphon.analytics.rules;

import java.util.List;

/**
 * The rules that a call is judged by.
 *
 * @param version names it; a call keeps the version that it began with
 * @param categories by name, each name once
 */
public record RuleSet(String version, List<Category> categories) {
  /** Without any rule. */
  public static final RuleSet NONE = new RuleSet("none", List.of());

  /** A name and when it fits. */
  public record Category(String name, Condition when) {}

  public RuleSet {
    categories = List.copyOf(categories);
  }
}
