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

/** Serialiser of {@link CallInput}. Version 1 had events only, and so no mark before them. */
public final class CallInputSerializer extends VersionedSerializer<CallInput> {
  static final TypeInformation<CallInput> TYPE =
      new SerializedType<>(CallInput.class, new CallInputSerializer());

  @Override
  public String typeId() {
    return "ruled-event";
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  protected void write(CallInput value, DataOutputView out) throws IOException {
    out.writeBoolean(value instanceof CallAnswer);
    if (value instanceof CallAnswer answer) {
      CallAnswer.FORMAT.put(answer, out);
    } else if (value instanceof RuledEvent ruled) {
      InboundRecordSerializer.FORMAT.put(ruled.event().origin(), out);
      StateEncoding.writeString(ruled.rules(), out);
    }
  }

  @Override
  protected CallInput read(int version, DataInputView in) throws IOException {
    if (version > 1 && in.readBoolean()) {
      return CallAnswer.FORMAT.get(in);
    }
    return new RuledEvent(InboundEventSerializer.get(in), StateEncoding.readString(in));
  }
}
