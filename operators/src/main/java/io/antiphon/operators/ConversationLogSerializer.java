package io.antiphon.operators;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link ConversationLog}. */
public final class ConversationLogSerializer extends VersionedSerializer<ConversationLog> {
  @Override
  int version() {
    return Conversation.VERSION;
  }

  @Override
  void write(ConversationLog value, DataOutputView out) throws IOException {
    Wire.writeBytes(value.bytes(), out);
  }

  @Override
  ConversationLog read(int version, DataInputView in) throws IOException {
    return new ConversationLog(version, Wire.readBytes(in));
  }
}
