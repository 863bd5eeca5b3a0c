package io.antiphon.runtime.parity;

import java.util.List;

/**
 * What {@link Parity} found.
 *
 * @param stages in order of the dataflow
 */
public record ParityReport(List<Stage> stages) {
  /**
   * One comparison.
   *
   * @param name such as {@code 3.speech.speech_ids}
   * @param passed within tolerance, or identical for ids
   * @param detail the measured difference, or where ids part
   */
  public record Stage(String name, boolean passed, String detail) {}

  /** Whether every stage passed. */
  public boolean passed() {
    return stages.stream().allMatch(Stage::passed);
  }

  /** One line for each stage and one for the whole. */
  public String print() {
    StringBuilder text = new StringBuilder();
    for (Stage stage : stages) {
      text.append(stage.passed() ? "ok         " : "DIFFERENT  ")
          .append(String.format("%-28s ", stage.name()))
          .append(stage.detail())
          .append('\n');
    }
    long passed = stages.stream().filter(Stage::passed).count();
    return text.append(passed).append(" of ").append(stages.size()).append(" passed\n").toString();
  }
}
