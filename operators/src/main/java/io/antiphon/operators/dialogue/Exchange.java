package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A question with its answer, as the history keeps it, or one of the two alone.
 *
 * @param question {@link UserTurn.Requested} where the answer stands alone
 * @param answer the assistant's text alone, tool calls included; null where there is none yet
 * @param turn whose question and answer they are; -1 for what the caller gave as history
 * @param itemId of what the caller gave as history, otherwise empty
 */
public record Exchange(UserTurn question, @Nullable String answer, int turn, String itemId) {
  static final RecordFormat<Exchange> FORMAT =
      RecordFormat.of("exchange", 1, Exchange::write, Exchange::read);

  private static final String QUESTION = "item_u";
  private static final String ANSWER = "item_a";

  /** Whether the caller began it; the results of tools belong to the round before. */
  boolean begun() {
    return question instanceof UserTurn.Spoken || question instanceof UserTurn.Written;
  }

  boolean answered() {
    return answer != null;
  }

  boolean asks() {
    return !(question instanceof UserTurn.Requested);
  }

  /** Whether the question has this id. */
  boolean isQuestion(String id) {
    return asks() && (turn >= 0 ? id.equals(QUESTION + turn) : id.equals(itemId));
  }

  /** Whether the answer has this id. */
  boolean isAnswer(String id) {
    return answered() && (turn >= 0 ? id.equals(ANSWER + turn) : id.equals(itemId));
  }

  Exchange withAnswer(@Nullable String other) {
    return new Exchange(question, other, turn, itemId);
  }

  Exchange questionAlone() {
    return withAnswer(null);
  }

  Exchange answerAlone() {
    return new Exchange(
        new UserTurn.Requested(question.type(), question.text()), answer, turn, itemId);
  }

  private static void write(Exchange value, DataOutput out) throws IOException {
    UserTurn.FORMAT.put(value.question, out);
    StateEncoding.writeString(value.answer, out);
    out.writeInt(value.turn);
    StateEncoding.writeString(value.itemId, out);
  }

  private static Exchange read(int version, DataInput in) throws IOException {
    return new Exchange(
        UserTurn.FORMAT.get(in),
        StateEncoding.readStringOrNull(in),
        in.readInt(),
        StateEncoding.readString(in));
  }
}
