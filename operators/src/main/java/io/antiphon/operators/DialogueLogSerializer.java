package io.antiphon.operators;

import io.antiphon.operators.ConversationMessage.Groups;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link DialogueLog}. */
public final class DialogueLogSerializer extends VersionedSerializer<DialogueLog> {
  @Override
  int version() {
    return 1;
  }

  @Override
  void write(DialogueLog value, DataOutputView out) throws IOException {
    Wire.writeOptional(value.settings(), ConversationSettings::put, out);
    out.writeInt(value.nextTurn());
    out.writeLong(value.notices());
    Wire.writeList(value.rounds(), Round::put, out);
    Wire.writeList(value.listening(), ConversationMessageSerializer::put, out);
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
        Wire.readList(Round::get, in),
        Wire.readList(from -> (Groups) ConversationMessageSerializer.get(from), in),
        in.readBoolean(),
        Wire.readList(ConversationMessageSerializer::get, in),
        calls(in),
        Wire.readOptional(AnswerLog::get, in),
        Wire.readOptional(LastAnswer::get, in),
        in.readInt(),
        in.readLong());
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
