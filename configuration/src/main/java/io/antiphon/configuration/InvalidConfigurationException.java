package io.antiphon.configuration;

import java.util.List;

/** A configuration that cannot be used; the message lists every problem, one a line. */
public final class InvalidConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  public InvalidConfigurationException(String origin, List<String> problems) {
    super(
        (problems.size() == 1 ? "1 problem" : problems.size() + " problems")
            + " in "
            + origin
            + ":\n  "
            + String.join("\n  ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One sentence per problem, each naming setting, value and expectation. */
  public List<String> problems() {
    return problems;
  }
}
