package io.antiphon.operators.flink;

import io.antiphon.operators.message.ConversationMessageSerializer;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link StageState}. */
public final class StageStateSerializer extends VersionedSerializer<StageState> {
  @Override
  public String typeId() {
    return "stage";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(StageState value, DataOutputView out) throws IOException {
    StateEncoding.writeBytes(value.carry(), out);
    StateEncoding.writeList(value.waiting(), ConversationMessageSerializer.FORMAT::put, out);
  }

  @Override
  protected StageState read(int version, DataInputView in) throws IOException {
    return new StageState(
        StateEncoding.readBytesOrNull(in),
        StateEncoding.readList(ConversationMessageSerializer.FORMAT::get, in));
  }
}
