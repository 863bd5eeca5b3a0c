package io.antiphon.operators.feedback;

import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.Serializable;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets records through that can be used, as they are; the others become dead letters. Keeps no
 * state.
 */
public final class RecordFilter extends ProcessFunction<InboundRecord, InboundRecord> {
  private static final long serialVersionUID = 1L;

  private final Check check;
  private final int maximumBytes;

  /** Refuses a record that cannot be used. */
  @FunctionalInterface
  private interface Check extends Serializable {
    void require(InboundRecord record, int maximumBytes) throws RecordDecodingException;
  }

  private RecordFilter(Check check, int maximumBytes) {
    this.check = check;
    this.maximumBytes = maximumBytes;
  }

  /** Of {@code feedback}. */
  public static RecordFilter feedback(int maximumBytes) {
    return new RecordFilter(
        (record, most) -> FeedbackRecords.read(record.key(), record.value(), most), maximumBytes);
  }

  /** Of {@code completed-turns}. */
  public static RecordFilter completedTurns(int maximumBytes) {
    return new RecordFilter(
        (record, most) -> {
          String key = Records.conversationId(record.key());
          CompletedTurn turn = Records.decode(CompletedTurn.class, record.value(), most);
          Records.requireSameConversation(key, turn.getConversationId());
        },
        maximumBytes);
  }

  @Override
  public void processElement(InboundRecord record, Context context, Collector<InboundRecord> out) {
    try {
      check.require(record, maximumBytes);
      out.collect(record);
    } catch (RecordDecodingException e) {
      context.output(
          DeadLetters.TAG, DeadLetters.of(record, e.code(), e.getMessage(), maximumBytes));
    }
  }
}
