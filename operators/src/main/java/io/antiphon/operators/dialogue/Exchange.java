package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A question with its answer, as the history keeps it.
 *
 * @param answer the assistant's text alone, tool calls included
 */
public record Exchange(UserTurn question, String answer) {
  /** Whether the caller began it; the results of tools belong to the round before. */
  boolean begun() {
    return !(question instanceof UserTurn.ToolResults);
  }

  static void put(Exchange value, DataOutput out) throws IOException {
    UserTurn.put(value.question, out);
    StateEncoding.writeString(value.answer, out);
  }

  static Exchange get(DataInput in) throws IOException {
    return new Exchange(UserTurn.get(in), StateEncoding.readString(in));
  }
}
