package io.antiphon.operators.speech;

import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.OutputMessageSerializer;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link OutputState}. */
public final class OutputStateSerializer extends VersionedSerializer<OutputState> {
  @Override
  public String typeId() {
    return "conversation-output";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(OutputState value, DataOutputView out) throws IOException {
    out.writeInt(value.turn());
    StateEncoding.writeOptional(value.format(), ConversationSettings.AUDIO_FORMAT::put, out);
    StateEncoding.writeString(value.voice(), out);
    StateEncoding.writeBytes(value.carry(), out);
    StateEncoding.writeBytes(value.encoder(), out);
    out.writeLong(value.sequence());
    out.writeLong(value.samples());
    out.writeBoolean(value.finished());
    out.writeDouble(value.firstAudioAt());
    out.writeInt(value.interruptedThrough());
    StateEncoding.writeList(value.queue(), OutputMessageSerializer.FORMAT::put, out);
  }

  @Override
  protected OutputState read(int version, DataInputView in) throws IOException {
    return new OutputState(
        in.readInt(),
        StateEncoding.readOptional(ConversationSettings.AUDIO_FORMAT::get, in),
        StateEncoding.readStringOrNull(in),
        StateEncoding.readBytesOrNull(in),
        StateEncoding.readBytesOrNull(in),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        in.readDouble(),
        in.readInt(),
        StateEncoding.readList(OutputMessageSerializer.FORMAT::get, in));
  }
}
