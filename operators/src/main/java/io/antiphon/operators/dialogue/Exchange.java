package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
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
  static final RecordFormat<Exchange> FORMAT =
      RecordFormat.of("exchange", 1, Exchange::write, Exchange::read);

  /** Whether the caller began it; the results of tools belong to the round before. */
  boolean begun() {
    return !(question instanceof UserTurn.ToolResults);
  }

  private static void write(Exchange value, DataOutput out) throws IOException {
    UserTurn.FORMAT.put(value.question, out);
    StateEncoding.writeString(value.answer, out);
  }

  private static Exchange read(int version, DataInput in) throws IOException {
    return new Exchange(UserTurn.FORMAT.get(in), StateEncoding.readString(in));
  }
}
