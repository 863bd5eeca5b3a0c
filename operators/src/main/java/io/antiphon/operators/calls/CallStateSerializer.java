package io.antiphon.operators.calls;

import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link CallState}. */
public final class CallStateSerializer extends VersionedSerializer<CallState> {
  @Override
  public String typeId() {
    return "call";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(CallState value, DataOutputView out) throws IOException {
    StateEncoding.writeBytes(value.bytes(), out);
  }

  @Override
  protected CallState read(int version, DataInputView in) throws IOException {
    return new CallState(StateEncoding.readBytes(in));
  }
}
