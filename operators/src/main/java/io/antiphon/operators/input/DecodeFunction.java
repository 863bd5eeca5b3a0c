package io.antiphon.operators.input;

import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Decodes raw records; what cannot be decoded becomes a dead letter. Keeps no state. */
public final class DecodeFunction extends ProcessFunction<InboundRecord, InboundEvent> {
  /** Longest conversation id in UTF-8 bytes. */
  static final int MAXIMUM_KEY_BYTES = 256;

  private static final long serialVersionUID = 1L;

  private final int maximumRecordBytes;
  private transient Counter undecodable;

  public DecodeFunction(int maximumRecordBytes) {
    this.maximumRecordBytes = maximumRecordBytes;
  }

  @Override
  public void open(OpenContext context) {
    undecodable = getRuntimeContext().getMetricGroup().counter("recordsUndecodable");
  }

  @Override
  public void processElement(InboundRecord record, Context context, Collector<InboundEvent> out) {
    try {
      out.collect(decode(record, maximumRecordBytes));
    } catch (RecordDecodingException e) {
      undecodable.inc();
      context.output(
          DeadLetters.TAG, DeadLetters.of(record, e.code(), e.getMessage(), maximumRecordBytes));
    }
  }

  /**
   * @param maximumRecordBytes larger values are refused
   * @throws RecordDecodingException with the reason why the record cannot be used
   */
  public static InboundEvent decode(InboundRecord record, int maximumRecordBytes)
      throws RecordDecodingException {
    byte[] bytes = record.key();
    String key = Records.conversationId(bytes);
    if (bytes != null && bytes.length > MAXIMUM_KEY_BYTES) {
      throw new RecordDecodingException(
          RecordDecodingException.INVALID_KEY,
          "the record's key has "
              + bytes.length
              + " bytes; a conversation id has at most "
              + MAXIMUM_KEY_BYTES);
    }
    ConversationEvent event =
        Records.decode(ConversationEvent.class, record.value(), maximumRecordBytes);
    Records.requireSameConversation(key, event.getConversationId());
    return new InboundEvent(record, event);
  }
}
