package io.antiphon.analytics.rules;

import java.util.List;

/** A rule set cannot be used; tells all that is wrong with it. */
public final class RuleSetException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  RuleSetException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** Each with the place, the value and what is expected. */
  public List<String> problems() {
    return problems;
  }
}
