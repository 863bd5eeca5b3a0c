package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationMessageSerializer;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialiser of {@link DialogueState} without its rounds and what the caller is saying, which
 * {@link DialogueStateStore} keeps beside it.
 */
public final class DialogueStateSerializer extends VersionedSerializer<DialogueState> {
  @Override
  public String typeId() {
    return "dialogue";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(DialogueState value, DataOutputView out) throws IOException {
    StateEncoding.writeOptional(value.settings(), ConversationSettings.FORMAT::put, out);
    out.writeInt(value.nextTurn());
    out.writeLong(value.notices());
    out.writeBoolean(value.overflow());
    StateEncoding.writeList(value.waiting(), ConversationMessageSerializer.FORMAT::put, out);
    out.writeInt(value.calls().size());
    for (Map.Entry<String, String> call : value.calls().entrySet()) {
      StateEncoding.writeString(call.getKey(), out);
      StateEncoding.writeString(call.getValue(), out);
    }
    StateEncoding.writeOptional(value.answer(), AnswerState.FORMAT::put, out);
    StateEncoding.writeOptional(value.last(), PlayedAnswer.FORMAT::put, out);
    StateEncoding.writeList(value.overlaps(), Overlap.FORMAT::put, out);
    out.writeInt(value.playedTurn());
    out.writeLong(value.playedMillis());
    StateEncoding.writeOptional(value.own(), OwnContext.FORMAT::put, out);
    StateEncoding.writeOptional(value.kept(), AnswerState.FORMAT::put, out);
    out.writeInt(value.keys());
    out.writeLong(value.mediaMillis());
  }

  @Override
  protected DialogueState read(int version, DataInputView in) throws IOException {
    return new DialogueState(
        StateEncoding.readOptional(ConversationSettings.FORMAT::get, in),
        in.readInt(),
        in.readLong(),
        List.of(),
        List.of(),
        in.readBoolean(),
        StateEncoding.readList(
            from -> (Sequenced) ConversationMessageSerializer.FORMAT.get(from), in),
        calls(in),
        StateEncoding.readOptional(AnswerState.FORMAT::get, in),
        StateEncoding.readOptional(PlayedAnswer.FORMAT::get, in),
        StateEncoding.readList(Overlap.FORMAT::get, in),
        in.readInt(),
        in.readLong(),
        StateEncoding.readOptional(OwnContext.FORMAT::get, in),
        StateEncoding.readOptional(AnswerState.FORMAT::get, in),
        in.readInt(),
        in.readLong());
  }

  private static Map<String, String> calls(DataInputView in) throws IOException {
    int size = in.readInt();
    Map<String, String> calls = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      String id = StateEncoding.readString(in);
      calls.put(id, StateEncoding.readStringOrNull(in)); // null while the result is waited for
    }
    return Collections.unmodifiableMap(calls);
  }
}
