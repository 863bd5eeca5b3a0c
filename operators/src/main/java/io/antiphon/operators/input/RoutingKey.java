package io.antiphon.operators.input;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import org.apache.flink.api.java.functions.KeySelector;

/**
 * Where a raw record is sent: to its conversation, by the record's key alone. One without a usable
 * key becomes a dead letter wherever it arrives, so its place in the topic spreads it.
 */
public final class RoutingKey implements KeySelector<InboundRecord, String> {
  private static final long serialVersionUID = 1L;

  @Override
  public String getKey(InboundRecord record) {
    try {
      return Records.conversationId(record.key());
    } catch (RecordDecodingException e) {
      return record.topic() + "-" + record.partition() + "-" + record.offset();
    }
  }
}
