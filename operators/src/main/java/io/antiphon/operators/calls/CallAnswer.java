package io.antiphon.operators.calls;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What call analytics needs of a record of {@code completed-turns}.
 *
 * @param text of the whole answer, without tool calls
 * @param audioMillis length of its speech
 * @param toolCalls names of the tools that it asks for, by the call's id
 */
public record CallAnswer(
    String conversation, int turn, String text, long audioMillis, Map<String, String> toolCalls)
    implements CallInput {
  static final RecordFormat<CallAnswer> FORMAT =
      RecordFormat.of("call answer", 1, CallAnswer::write, CallAnswer::read);

  /**
   * @throws RecordDecodingException with the reason why the record cannot be used
   */
  public static CallAnswer decode(InboundRecord record) throws RecordDecodingException {
    String key = Records.conversationId(record.key());
    CompletedTurn turn =
        Records.decode(CompletedTurn.class, record.value(), Records.DEFAULT_MAXIMUM_BYTES);
    Records.requireSameConversation(key, turn.getConversationId());
    Map<String, String> calls = new LinkedHashMap<>();
    turn.getToolCalls().forEach(call -> calls.put(call.getCallId(), call.getName()));
    return new CallAnswer(
        turn.getConversationId(), turn.getTurn(), turn.getText(), turn.getAudioMillis(), calls);
  }

  private static void write(CallAnswer value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.conversation, out);
    out.writeInt(value.turn);
    StateEncoding.writeString(value.text, out);
    out.writeLong(value.audioMillis);
    out.writeInt(value.toolCalls.size());
    for (Map.Entry<String, String> call : value.toolCalls.entrySet()) {
      StateEncoding.writeString(call.getKey(), out);
      StateEncoding.writeString(call.getValue(), out);
    }
  }

  private static CallAnswer read(int version, DataInput in) throws IOException {
    String conversation = StateEncoding.readString(in);
    int turn = in.readInt();
    String text = StateEncoding.readString(in);
    long audioMillis = in.readLong();
    Map<String, String> calls = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      calls.put(StateEncoding.readString(in), StateEncoding.readString(in));
    }
    return new CallAnswer(conversation, turn, text, audioMillis, calls);
  }
}
