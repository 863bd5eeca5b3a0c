package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.ToolCall;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an answer once nothing more is generated for it. When its audio has left, the
 * last stage makes the records of the turn's end from it.
 *
 * @param sequence of the TurnCompleted among the answer's text records
 * @param tag of the request that asked for it, empty for none
 * @param question what was written or what tools gave, or the transcript of what was said; null
 *     where nothing is known
 * @param instructions the conversation's or the request's own that were in force for it; null for
 *     none, and in state of before
 * @param tools the conversation's or the request's own that were offered, as they were given; null
 *     for the bundle's, and in state of before
 * @param toolCalls what the answer asks for
 * @param failure why there is no answer, null when there is one
 * @param text without tool calls
 * @param finishReason as the generation ended
 * @param promptPositions of the context before the answer
 * @param audioGroups groups of the caller's sound among them
 * @param textTokens text ids drawn for it
 * @param speechTokens speech ids drawn for it that are sound
 * @param model the bundle's name
 * @param modelDigest what its files hold, see {@code Bundle.digest()}; empty in state of before
 * @param sampling how ids were drawn, with nothing left to a default; null when none were
 * @param textIds one a position
 * @param speechIds of all groups one after the other, empty when it is not spoken
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record AnswerOutcome(
    int turn,
    long sequence,
    String tenant,
    String tag,
    QuestionType questionType,
    @Nullable String question,
    @Nullable String instructions,
    @Nullable List<String> tools,
    List<ToolCall> toolCalls,
    @Nullable Failure failure,
    String text,
    FinishReason finishReason,
    int promptPositions,
    int audioGroups,
    int textTokens,
    int speechTokens,
    AnswerTimes times,
    String model,
    String modelDigest,
    ConversationSettings.@Nullable Wishes sampling,
    int[] textIds,
    int[] speechIds) {
  public static final RecordFormat<AnswerOutcome> FORMAT =
      RecordFormat.of("answer outcome", 4, AnswerOutcome::write, AnswerOutcome::read);

  private static void write(AnswerOutcome value, DataOutput out) throws IOException {
    out.writeInt(value.turn);
    out.writeLong(value.sequence);
    StateEncoding.writeString(value.tenant, out);
    StateEncoding.writeString(value.tag, out);
    out.writeUTF(value.questionType.name());
    StateEncoding.writeString(value.question, out);
    StateEncoding.writeList(value.toolCalls, AnswerOutcome::writeCall, out);
    StateEncoding.writeOptional(value.failure, Failure.FORMAT::put, out);
    StateEncoding.writeString(value.text, out);
    out.writeUTF(value.finishReason.name());
    out.writeInt(value.promptPositions);
    out.writeInt(value.audioGroups);
    out.writeInt(value.textTokens);
    out.writeInt(value.speechTokens);
    AnswerTimes.FORMAT.put(value.times, out);
    StateEncoding.writeString(value.model, out);
    StateEncoding.writeOptional(value.sampling, ConversationSettings.Wishes.FORMAT::put, out);
    StateEncoding.writeInts(value.textIds, out);
    StateEncoding.writeInts(value.speechIds, out);
    StateEncoding.writeString(value.modelDigest, out);
    StateEncoding.writeString(value.instructions, out);
    StateEncoding.writeList(value.tools, StateEncoding::writeString, out);
  }

  private static AnswerOutcome read(int version, DataInput in) throws IOException {
    AnswerOutcome read =
        new AnswerOutcome(
            in.readInt(),
            in.readLong(),
            StateEncoding.readString(in),
            StateEncoding.readString(in),
            QuestionType.valueOf(in.readUTF()),
            StateEncoding.readStringOrNull(in),
            null,
            null,
            StateEncoding.readList(AnswerOutcome::readCall, in),
            StateEncoding.readOptional(Failure.FORMAT::get, in),
            StateEncoding.readString(in),
            FinishReason.valueOf(in.readUTF()),
            in.readInt(),
            in.readInt(),
            in.readInt(),
            in.readInt(),
            AnswerTimes.FORMAT.get(in),
            StateEncoding.readString(in),
            "",
            StateEncoding.readOptional(ConversationSettings.Wishes.FORMAT::get, in),
            StateEncoding.readInts(in),
            StateEncoding.readInts(in));
    return version < 2
        ? read
        : read.with(
            StateEncoding.readString(in),
            version < 3 ? null : StateEncoding.readStringOrNull(in),
            version < 4 ? null : StateEncoding.readListOrNull(StateEncoding::readString, in));
  }

  /** With what later versions of the format added. */
  private AnswerOutcome with(
      String digest, @Nullable String inForce, @Nullable List<String> offered) {
    return new AnswerOutcome(
        turn,
        sequence,
        tenant,
        tag,
        questionType,
        question,
        inForce,
        offered,
        toolCalls,
        failure,
        text,
        finishReason,
        promptPositions,
        audioGroups,
        textTokens,
        speechTokens,
        times,
        model,
        digest,
        sampling,
        textIds,
        speechIds);
  }

  private static void writeCall(ToolCall value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.getCallId(), out);
    StateEncoding.writeString(value.getName(), out);
    StateEncoding.writeString(value.getArguments(), out);
  }

  private static ToolCall readCall(DataInput in) throws IOException {
    return new ToolCall(
        StateEncoding.readString(in), StateEncoding.readString(in), StateEncoding.readString(in));
  }
}
