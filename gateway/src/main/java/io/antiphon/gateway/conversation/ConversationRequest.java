package io.antiphon.gateway.conversation;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.Mode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation is asked to be; null means as the bundle has it.
 *
 * @param tools JSON signatures, one a string; empty for none
 * @param toolChoice "auto", "none", "required" or a function's name
 * @param maximumNewPositions upper bound of an answer's length, 5 a second
 * @param temperature of text
 * @param transcribe whether the caller's speech is written down as well
 * @param attributes what the protocol knows of the caller, such as a telephone number
 * @param history what was said before
 */
public record ConversationRequest(
    String tenant,
    Mode mode,
    @Nullable String instructions,
    @Nullable List<String> tools,
    String toolChoice,
    AudioFormat inputFormat,
    AudioFormat outputFormat,
    @Nullable String voice,
    @Nullable Integer maximumNewPositions,
    @Nullable Double temperature,
    TurnTaking turnTaking,
    boolean transcribe,
    Map<String, String> attributes,
    List<HistoryItem> history) {

  /** What a telephone sends and hears: mu-law at 8 kHz. */
  public static final AudioFormat TELEPHONE = new AudioFormat("mulaw", 8000, 1);

  /** 16-bit little-endian samples at 24 kHz. */
  public static final AudioFormat PCM_24 = new AudioFormat("pcm16", 24_000, 1);

  public ConversationRequest {
    tools = tools == null ? null : List.copyOf(tools);
    attributes = Map.copyOf(attributes);
    history = List.copyOf(history);
  }

  /** Speech to speech as the bundle likes, with turns found in the audio. */
  public static ConversationRequest speech(String tenant, AudioFormat format) {
    return new ConversationRequest(
        tenant,
        Mode.SPEECH_TO_SPEECH,
        null,
        null,
        "auto",
        format,
        format,
        null,
        null,
        null,
        TurnTaking.AUTOMATIC,
        true,
        Map.of(),
        List.of());
  }

  /** What a node that takes a conversation over has to know of it. */
  static ConversationRequest takenOver(String tenant, TakeoverTokens.Standing standing) {
    return new ConversationRequest(
        tenant,
        standing.mode(),
        null,
        null,
        "auto",
        standing.inputFormat(),
        standing.outputFormat(),
        null,
        null,
        null,
        standing.answersTurns() ? TurnTaking.AUTOMATIC : TurnTaking.MANUAL,
        true,
        Map.of(),
        List.of());
  }

  /** For one answer to what is written, beside the conversation. */
  public ConversationRequest aside(
      boolean speaks,
      @Nullable String otherInstructions,
      @Nullable List<String> otherTools,
      String otherToolChoice,
      @Nullable Integer otherMaximumNewPositions) {
    return new ConversationRequest(
        tenant,
        speaks ? Mode.SPEECH_TO_SPEECH : Mode.SPEECH_TO_TEXT,
        otherInstructions,
        otherTools,
        otherToolChoice,
        inputFormat,
        outputFormat,
        voice,
        otherMaximumNewPositions,
        temperature,
        TurnTaking.MANUAL,
        false,
        attributes,
        List.of());
  }

  /** The same with other instructions. */
  public ConversationRequest withInstructions(@Nullable String other) {
    return with(other, turnTaking, attributes);
  }

  /** The same with other turn taking. */
  public ConversationRequest withTurnTaking(TurnTaking other) {
    return with(instructions, other, attributes);
  }

  /** The same with other attributes. */
  public ConversationRequest withAttributes(Map<String, String> other) {
    return with(instructions, turnTaking, other);
  }

  private ConversationRequest with(
      @Nullable String otherInstructions,
      TurnTaking otherTurnTaking,
      Map<String, String> otherAttributes) {
    return new ConversationRequest(
        tenant,
        mode,
        otherInstructions,
        tools,
        toolChoice,
        inputFormat,
        outputFormat,
        voice,
        maximumNewPositions,
        temperature,
        otherTurnTaking,
        transcribe,
        otherAttributes,
        history);
  }
}
