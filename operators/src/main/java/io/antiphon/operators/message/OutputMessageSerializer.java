package io.antiphon.operators.message;

import io.antiphon.operators.message.OutputMessage.AnswerCompleted;
import io.antiphon.operators.message.OutputMessage.AnswerInterrupted;
import io.antiphon.operators.message.OutputMessage.AnswerStarted;
import io.antiphon.operators.message.OutputMessage.AnswersClosed;
import io.antiphon.operators.message.OutputMessage.SpeechEnded;
import io.antiphon.operators.message.OutputMessage.SpeechTokens;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link OutputMessage}: a tag byte, the conversation, the fields. */
public final class OutputMessageSerializer extends VersionedSerializer<OutputMessage> {
  public static final RecordFormat<OutputMessage> FORMAT =
      RecordFormat.of(
          "output message", 1, OutputMessageSerializer::put, OutputMessageSerializer::get);

  @Override
  public String typeId() {
    return "output-message";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(OutputMessage value, DataOutputView out) throws IOException {
    FORMAT.put(value, out);
  }

  @Override
  protected OutputMessage read(int version, DataInputView in) throws IOException {
    return FORMAT.get(in);
  }

  private static void put(OutputMessage value, DataOutput out) throws IOException {
    if (value instanceof AnswerStarted started) {
      begin(1, value, out);
      out.writeInt(started.turn());
      ConversationSettings.AUDIO_FORMAT.put(started.format(), out);
      StateEncoding.writeString(started.voice(), out);
    } else if (value instanceof SpeechTokens tokens) {
      begin(2, value, out);
      out.writeInt(tokens.turn());
      StateEncoding.writeInts(tokens.ids(), out);
    } else if (value instanceof SpeechEnded ended) {
      begin(3, value, out);
      out.writeInt(ended.turn());
    } else if (value instanceof Text text) {
      begin(4, value, out);
      putRecord(text.response(), out);
    } else if (value instanceof AnswerCompleted completed) {
      begin(5, value, out);
      AnswerOutcome.FORMAT.put(completed.outcome(), out);
    } else if (value instanceof AnswerInterrupted interrupted) {
      begin(6, value, out);
      out.writeInt(interrupted.turn());
    } else if (value instanceof AnswersClosed) {
      begin(7, value, out);
    } else {
      throw new IOException("no tag for " + value.getClass());
    }
  }

  private static void begin(int tag, OutputMessage value, DataOutput out) throws IOException {
    out.writeByte(tag);
    StateEncoding.writeString(value.conversation(), out);
  }

  private static OutputMessage get(int version, DataInput in) throws IOException {
    int tag = in.readUnsignedByte();
    String conversation = StateEncoding.readString(in);
    return switch (tag) {
      case 1 ->
          new AnswerStarted(
              conversation,
              in.readInt(),
              ConversationSettings.AUDIO_FORMAT.get(in),
              StateEncoding.readString(in));
      case 2 -> new SpeechTokens(conversation, in.readInt(), StateEncoding.readInts(in));
      case 3 -> new SpeechEnded(conversation, in.readInt());
      case 4 -> new Text(conversation, getRecord(TextResponse.class, in));
      case 5 -> new AnswerCompleted(conversation, AnswerOutcome.FORMAT.get(in));
      case 6 -> new AnswerInterrupted(conversation, in.readInt());
      case 7 -> new AnswersClosed(conversation);
      default -> throw new IOException("unknown message tag " + tag);
    };
  }

  private static void putRecord(SpecificRecord value, DataOutput out) throws IOException {
    StateEncoding.writeBytes(Records.encode(value, Integer.MAX_VALUE), out);
  }

  private static <T extends SpecificRecord> T getRecord(Class<T> type, DataInput in)
      throws IOException {
    try {
      return Records.decode(type, StateEncoding.readBytes(in), Integer.MAX_VALUE);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }
}
