package io.antiphon.operators.message;

import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link Groups}. */
public final class GroupsSerializer extends VersionedSerializer<Groups> {
  @Override
  public String typeId() {
    return "groups";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(Groups value, DataOutputView out) throws IOException {
    ConversationMessageSerializer.FORMAT.put(value, out);
  }

  @Override
  protected Groups read(int version, DataInputView in) throws IOException {
    return (Groups) ConversationMessageSerializer.FORMAT.get(in);
  }
}
