package io.antiphon.operators;

import io.antiphon.operators.ConversationMessage.Groups;
import java.io.DataInput;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialiser of {@link DialogueLog}. Version 2 writes neither its rounds nor what the caller is
 * saying, which {@link DialogueLogs} keeps beside it, and steps of the answer in few bytes.
 */
public final class DialogueLogSerializer extends VersionedSerializer<DialogueLog> {
  @Override
  int version() {
    return 2;
  }

  @Override
  void write(DialogueLog value, DataOutputView out) throws IOException {
    Wire.writeOptional(value.settings(), ConversationSettings::put, out);
    out.writeInt(value.nextTurn());
    out.writeLong(value.notices());
    out.writeBoolean(value.overflow());
    Wire.writeList(value.waiting(), ConversationMessageSerializer::put, out);
    out.writeInt(value.calls().size());
    for (Map.Entry<String, String> call : value.calls().entrySet()) {
      Wire.writeString(call.getKey(), out);
      Wire.writeString(call.getValue(), out);
    }
    Wire.writeOptional(value.answer(), AnswerLog::put, out);
    Wire.writeOptional(value.last(), LastAnswer::put, out);
    out.writeInt(value.playedTurn());
    out.writeLong(value.playedMillis());
  }

  @Override
  DialogueLog read(int version, DataInputView in) throws IOException {
    return new DialogueLog(
        Wire.readOptional(ConversationSettings::get, in),
        in.readInt(),
        in.readLong(),
        version == 1 ? Wire.readList(Round::get, in) : List.of(),
        version == 1 ? Wire.readList(DialogueLogSerializer::groups, in) : List.of(),
        in.readBoolean(),
        Wire.readList(ConversationMessageSerializer::get, in),
        calls(in),
        Wire.readOptional(from -> AnswerLog.get(version, from), in),
        Wire.readOptional(LastAnswer::get, in),
        in.readInt(),
        in.readLong());
  }

  private static Groups groups(DataInput in) throws IOException {
    return (Groups) ConversationMessageSerializer.get(in);
  }

  private static Map<String, String> calls(DataInputView in) throws IOException {
    int size = in.readInt();
    Map<String, String> calls = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      String id = Wire.readString(in);
      calls.put(id, Wire.readString(in));
    }
    return Collections.unmodifiableMap(calls);
  }
}
