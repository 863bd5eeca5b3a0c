package io.antiphon.operators;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link StageLog}. */
public final class StageLogSerializer extends VersionedSerializer<StageLog> {
  @Override
  int version() {
    return 1;
  }

  @Override
  void write(StageLog value, DataOutputView out) throws IOException {
    Wire.writeBytes(value.carry(), out);
    Wire.writeList(value.waiting(), ConversationMessageSerializer::put, out);
  }

  @Override
  StageLog read(int version, DataInputView in) throws IOException {
    return new StageLog(Wire.readBytes(in), Wire.readList(ConversationMessageSerializer::get, in));
  }
}
