package io.antiphon.operators.input;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.Serializable;
import org.apache.avro.specific.SpecificRecord;
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
  public interface Check extends Serializable {
    void require(InboundRecord record, int maximumBytes) throws RecordDecodingException;
  }

  /** Tells the conversation that a record belongs to. */
  @FunctionalInterface
  public interface ConversationOf<T> extends Serializable {
    String of(T record);
  }

  private RecordFilter(Check check, int maximumBytes) {
    this.check = check;
    this.maximumBytes = maximumBytes;
  }

  /**
   * @param maximumBytes larger records become dead letters without their value
   */
  public static RecordFilter of(Check check, int maximumBytes) {
    return new RecordFilter(check, maximumBytes);
  }

  /**
   * Lets records of a type through whose key is the conversation that they belong to.
   *
   * @param conversation the conversation that a record belongs to
   * @param maximumBytes larger records become dead letters without their value
   */
  public static <T extends SpecificRecord> RecordFilter keyed(
      Class<T> type, ConversationOf<T> conversation, int maximumBytes) {
    return of(
        (record, most) ->
            Records.requireSameConversation(
                Records.conversationId(record.key()),
                conversation.of(Records.decode(type, record.value(), most))),
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
