package io.antiphon.operators.message;

import io.antiphon.operators.message.ConversationMessage.AnswerRequested;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.FrameGroups;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.ItemAdded;
import io.antiphon.operators.message.ConversationMessage.ItemRemoved;
import io.antiphon.operators.message.ConversationMessage.KeyPressed;
import io.antiphon.operators.message.ConversationMessage.KeyTold;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.ConversationMessage.Opened;
import io.antiphon.operators.message.ConversationMessage.Playback;
import io.antiphon.operators.message.ConversationMessage.Quiet;
import io.antiphon.operators.message.ConversationMessage.Refused;
import io.antiphon.operators.message.ConversationMessage.Samples;
import io.antiphon.operators.message.ConversationMessage.SettingsChanged;
import io.antiphon.operators.message.ConversationMessage.SpeechStarted;
import io.antiphon.operators.message.ConversationMessage.SpeechStopped;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.ToolAnswer;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.ConversationMessage.Window;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link ConversationMessage}: a tag byte, the conversation, the fields. */
public final class ConversationMessageSerializer extends VersionedSerializer<ConversationMessage> {
  public static final RecordFormat<ConversationMessage> FORMAT =
      RecordFormat.of(
          "conversation message",
          2,
          ConversationMessageSerializer::put,
          ConversationMessageSerializer::get);

  @Override
  public String typeId() {
    return "conversation-message";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(ConversationMessage value, DataOutputView out) throws IOException {
    FORMAT.put(value, out);
  }

  @Override
  protected ConversationMessage read(int version, DataInputView in) throws IOException {
    return FORMAT.get(in);
  }

  private static void put(ConversationMessage value, DataOutput out) throws IOException {
    if (value instanceof Opened opened) {
      begin(1, value, out);
      ConversationSettings.FORMAT.put(opened.settings(), out);
    } else if (value instanceof Samples samples) {
      begin(2, value, out);
      StateEncoding.writeFloats(samples.samples(), out);
    } else if (value instanceof Window window) {
      begin(3, value, out);
      StateEncoding.writeFloats(window.mel(), out);
      out.writeInt(window.frames());
      out.writeLong(window.turnSamples());
    } else if (value instanceof Frames frames) {
      begin(4, value, out);
      StateEncoding.writeFloats(frames.frames(), out);
      out.writeLong(frames.turnSamples());
    } else if (value instanceof FrameGroups groups) {
      begin(5, value, out);
      StateEncoding.writeFloats(groups.frames(), out);
      out.writeInt(groups.count());
    } else if (value instanceof Groups groups) {
      begin(6, value, out);
      StateEncoding.writeFloats(groups.groups(), out);
      out.writeInt(groups.count());
    } else if (value instanceof UserTurnEnded ended) {
      begin(7, value, out);
      out.writeDouble(ended.at());
      out.writeLong(ended.beganMillis());
      out.writeLong(ended.millis());
      StateEncoding.writeOptional(ended.failure(), Failure.FORMAT::put, out);
    } else if (value instanceof UserTurnDropped) {
      begin(8, value, out);
    } else if (value instanceof TextTurn turn) {
      begin(9, value, out);
      StateEncoding.writeString(turn.text(), out);
      out.writeDouble(turn.at());
    } else if (value instanceof ToolAnswer answer) {
      begin(10, value, out);
      StateEncoding.writeString(answer.callId(), out);
      StateEncoding.writeString(answer.result(), out);
      out.writeDouble(answer.at());
    } else if (value instanceof Interrupted interrupted) {
      begin(11, value, out);
      out.writeInt(interrupted.turn());
    } else if (value instanceof Playback playback) {
      begin(12, value, out);
      out.writeInt(playback.turn());
      out.writeLong(playback.playedMillis());
    } else if (value instanceof Notice notice) {
      begin(13, value, out);
      Failure.FORMAT.put(notice.failure(), out);
      out.writeBoolean(notice.terminal());
      out.writeLong(notice.eventSequence());
    } else if (value instanceof Closed) {
      begin(14, value, out);
    } else if (value instanceof Refused refused) {
      begin(15, value, out);
      StateEncoding.writeString(refused.reason(), out);
      out.writeLong(refused.retryAfterMillis());
    } else if (value instanceof SpeechStarted started) {
      begin(16, value, out);
      out.writeLong(started.millis());
    } else if (value instanceof SpeechStopped stopped) {
      begin(17, value, out);
      out.writeLong(stopped.millis());
    } else if (value instanceof SettingsChanged changed) {
      begin(18, value, out);
      ConversationSettings.FORMAT.put(changed.settings(), out);
    } else if (value instanceof AnswerRequested asked) {
      begin(19, value, out);
      RequestedAnswer.FORMAT.put(asked.request(), out);
      out.writeDouble(asked.at());
    } else if (value instanceof ItemAdded added) {
      begin(20, value, out);
      PastItem.FORMAT.put(added.item(), out);
      StateEncoding.writeString(added.previousId(), out);
    } else if (value instanceof ItemRemoved removed) {
      begin(21, value, out);
      StateEncoding.writeString(removed.itemId(), out);
    } else if (value instanceof KeyPressed key) {
      begin(22, value, out);
      StateEncoding.writeString(key.key(), out);
    } else if (value instanceof KeyTold key) {
      begin(24, value, out);
      StateEncoding.writeString(key.key(), out);
      out.writeLong(key.millis());
    } else if (value instanceof Quiet quiet) {
      begin(23, value, out);
      out.writeLong(quiet.millis());
    } else {
      throw new IOException("no tag for " + value.getClass());
    }
  }

  private static void begin(int tag, ConversationMessage value, DataOutput out) throws IOException {
    out.writeByte(tag);
    StateEncoding.writeString(value.conversation(), out);
  }

  private static ConversationMessage get(int version, DataInput in) throws IOException {
    int tag = in.readUnsignedByte();
    String conversation = StateEncoding.readString(in);
    return switch (tag) {
      case 1 -> new Opened(conversation, ConversationSettings.FORMAT.get(in));
      case 2 -> new Samples(conversation, StateEncoding.readFloats(in));
      case 3 -> new Window(conversation, StateEncoding.readFloats(in), in.readInt(), in.readLong());
      case 4 -> new Frames(conversation, StateEncoding.readFloats(in), in.readLong());
      case 5 -> new FrameGroups(conversation, StateEncoding.readFloats(in), in.readInt());
      case 6 -> new Groups(conversation, StateEncoding.readFloats(in), in.readInt());
      case 7 ->
          new UserTurnEnded(
              conversation,
              in.readDouble(),
              in.readLong(),
              in.readLong(),
              StateEncoding.readOptional(Failure.FORMAT::get, in));
      case 8 -> new UserTurnDropped(conversation);
      case 9 -> new TextTurn(conversation, StateEncoding.readString(in), in.readDouble());
      case 10 ->
          new ToolAnswer(
              conversation,
              StateEncoding.readString(in),
              StateEncoding.readString(in),
              in.readDouble());
      case 11 ->
          version < 2 ? Interrupted.all(conversation) : new Interrupted(conversation, in.readInt());
      case 12 -> new Playback(conversation, in.readInt(), in.readLong());
      case 13 -> new Notice(conversation, Failure.FORMAT.get(in), in.readBoolean(), in.readLong());
      case 14 -> new Closed(conversation);
      case 15 -> new Refused(conversation, StateEncoding.readString(in), in.readLong());
      case 16 -> new SpeechStarted(conversation, in.readLong());
      case 17 -> new SpeechStopped(conversation, in.readLong());
      case 18 -> new SettingsChanged(conversation, ConversationSettings.FORMAT.get(in));
      case 19 -> new AnswerRequested(conversation, RequestedAnswer.FORMAT.get(in), in.readDouble());
      case 20 ->
          new ItemAdded(conversation, PastItem.FORMAT.get(in), StateEncoding.readStringOrNull(in));
      case 21 -> new ItemRemoved(conversation, StateEncoding.readString(in));
      case 22 -> new KeyPressed(conversation, StateEncoding.readString(in));
      case 24 -> new KeyTold(conversation, StateEncoding.readString(in), in.readLong());
      case 23 -> new Quiet(conversation, in.readLong());
      default -> throw new IOException("unknown message tag " + tag);
    };
  }
}
