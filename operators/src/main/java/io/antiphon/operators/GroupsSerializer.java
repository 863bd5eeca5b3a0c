package io.antiphon.operators;

import io.antiphon.operators.ConversationMessage.Groups;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link Groups}. */
public final class GroupsSerializer extends VersionedSerializer<Groups> {
  @Override
  int version() {
    return 1;
  }

  @Override
  void write(Groups value, DataOutputView out) throws IOException {
    ConversationMessageSerializer.put(value, out);
  }

  @Override
  Groups read(int version, DataInputView in) throws IOException {
    return (Groups) ConversationMessageSerializer.get(in);
  }
}
