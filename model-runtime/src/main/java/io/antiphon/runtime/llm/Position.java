package io.antiphon.runtime.llm;

import org.jspecify.annotations.Nullable;

/**
 * One position of a sequence.
 *
 * @param input what goes in
 * @param step the step that is decoded there; null where nothing is drawn: such positions are
 *     prefilled, several in a call
 */
record Position(PositionInput input, @Nullable Step step) {
  /**
   * A generation's step.
   *
   * @param index counts from 0 in the generation
   */
  record Step(Generation generation, int index) {}

  boolean decoded() {
    return step != null;
  }

  /** Whether the first step of a generation is decoded there. */
  boolean first() {
    return step != null && step.index() == 0;
  }
}
