package io.antiphon.configuration;

import java.util.List;

/** Settings or a manifest that cannot be used. Carries every problem found, not only the first. */
public final class ConfigurationException extends IllegalArgumentException {
  private final List<String> problems;

  /**
   * @param subject what was checked, for the first line of the message
   * @param problems each naming the setting, its value and what is expected; at least one
   */
  public ConfigurationException(String subject, List<String> problems) {
    super(subject + ":\n  " + String.join("\n  ", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
