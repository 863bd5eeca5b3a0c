package io.antiphon.operators;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A question with its answer, as the history keeps it.
 *
 * @param answer the assistant's text alone, tool calls included
 */
record Round(Question question, String answer) {
  /** Whether the caller began it; the results of tools belong to the round before. */
  boolean begun() {
    return !(question instanceof Question.ToolResults);
  }

  static void put(Round value, DataOutput out) throws IOException {
    Question.put(value.question, out);
    Wire.writeString(value.answer, out);
  }

  static Round get(DataInput in) throws IOException {
    return new Round(Question.get(in), Wire.readString(in));
  }
}
