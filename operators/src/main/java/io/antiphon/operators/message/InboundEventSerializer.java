package io.antiphon.operators.message;

import io.antiphon.operators.state.VersionedSerializer;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.DataInput;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link InboundEvent}: the raw record, decoded again when it is read. */
public final class InboundEventSerializer extends VersionedSerializer<InboundEvent> {
  @Override
  public String typeId() {
    return "inbound-event";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(InboundEvent value, DataOutputView out) throws IOException {
    InboundRecordSerializer.FORMAT.put(value.origin(), out);
  }

  @Override
  protected InboundEvent read(int version, DataInputView in) throws IOException {
    return get(in);
  }

  public static InboundEvent get(DataInput in) throws IOException {
    InboundRecord origin = InboundRecordSerializer.FORMAT.get(in);
    try {
      return new InboundEvent(
          origin, Records.decode(ConversationEvent.class, origin.value(), Integer.MAX_VALUE));
    } catch (RecordDecodingException e) {
      throw new IOException("a record that was decoded once: " + origin.place(), e);
    }
  }
}
