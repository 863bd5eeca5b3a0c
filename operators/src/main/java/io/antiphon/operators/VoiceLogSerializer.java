package io.antiphon.operators;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link VoiceLog}. */
public final class VoiceLogSerializer extends VersionedSerializer<VoiceLog> {
  @Override
  int version() {
    return AnswerMessageSerializer.VERSION; // what differs is in the queue
  }

  @Override
  void write(VoiceLog value, DataOutputView out) throws IOException {
    out.writeInt(value.turn());
    Wire.writeOptional(value.format(), ConversationSettings::putFormat, out);
    Wire.writeBytes(value.carry(), out);
    Wire.writeBytes(value.encoder(), out);
    out.writeLong(value.sequence());
    out.writeLong(value.samples());
    out.writeBoolean(value.finished());
    out.writeDouble(value.firstAudioAt());
    out.writeInt(value.interruptedThrough());
    Wire.writeList(value.queue(), AnswerMessageSerializer::put, out);
  }

  @Override
  VoiceLog read(int version, DataInputView in) throws IOException {
    return new VoiceLog(
        in.readInt(),
        Wire.readOptional(ConversationSettings::getFormat, in),
        Wire.readBytes(in),
        Wire.readBytes(in),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        in.readDouble(),
        in.readInt(),
        Wire.readList(from -> AnswerMessageSerializer.get(version, from), in));
  }
}
