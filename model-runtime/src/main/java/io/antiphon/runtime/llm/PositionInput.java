package io.antiphon.runtime.llm;

/**
 * What goes into the shared LLM at one position: a text id, a group of the caller's speech, or both
 * at once, as full duplex has it at every tick.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
sealed interface PositionInput {
  /** An id of the text vocabulary: of a prompt, or the one that the step before drew. */
  record Text(int id) implements PositionInput {}

  /**
   * A group embedding.
   *
   * @param groups of its turn {@code [count x d]}, shared by the positions of one segment
   * @param offset of this position's {@code d} values
   */
  record Group(float[] groups, int offset) implements PositionInput {}

  /** A text id and a group embedding, which are added up. */
  record Both(int id, float[] groups, int offset) implements PositionInput {}
}
