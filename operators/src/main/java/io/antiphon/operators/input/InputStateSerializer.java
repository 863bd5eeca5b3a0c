package io.antiphon.operators.input;

import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link InputState}. */
public final class InputStateSerializer extends VersionedSerializer<InputState> {
  @Override
  public String typeId() {
    return "conversation-input";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(InputState value, DataOutputView out) throws IOException {
    StateEncoding.writeBytes(value.bytes(), out);
  }

  @Override
  protected InputState read(int version, DataInputView in) throws IOException {
    return new InputState(StateEncoding.readBytes(in));
  }
}
