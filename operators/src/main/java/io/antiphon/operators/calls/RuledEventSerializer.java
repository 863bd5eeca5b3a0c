package io.antiphon.operators.calls;

import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecordSerializer;
import io.antiphon.operators.state.SerializedType;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link RuledEvent}. */
public final class RuledEventSerializer extends VersionedSerializer<RuledEvent> {
  static final TypeInformation<RuledEvent> TYPE =
      new SerializedType<>(RuledEvent.class, new RuledEventSerializer());

  @Override
  public String typeId() {
    return "ruled-event";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(RuledEvent value, DataOutputView out) throws IOException {
    InboundRecordSerializer.FORMAT.put(value.event().origin(), out);
    StateEncoding.writeString(value.rules(), out);
  }

  @Override
  protected RuledEvent read(int version, DataInputView in) throws IOException {
    return new RuledEvent(InboundEventSerializer.get(in), StateEncoding.readString(in));
  }
}
