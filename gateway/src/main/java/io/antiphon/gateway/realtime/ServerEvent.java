package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** What the server sends, each as the current SDKs require it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ServerEvent.Failure.class, name = "error"),
  @JsonSubTypes.Type(value = ServerEvent.SessionCreated.class, name = "session.created"),
  @JsonSubTypes.Type(value = ServerEvent.SessionUpdated.class, name = "session.updated"),
  @JsonSubTypes.Type(
      value = ServerEvent.SpeechStarted.class,
      name = "input_audio_buffer.speech_started"),
  @JsonSubTypes.Type(
      value = ServerEvent.SpeechStopped.class,
      name = "input_audio_buffer.speech_stopped"),
  @JsonSubTypes.Type(
      value = ServerEvent.TimeoutTriggered.class,
      name = "input_audio_buffer.timeout_triggered"),
  @JsonSubTypes.Type(value = ServerEvent.Committed.class, name = "input_audio_buffer.committed"),
  @JsonSubTypes.Type(value = ServerEvent.Cleared.class, name = "input_audio_buffer.cleared"),
  @JsonSubTypes.Type(
      value = ServerEvent.KeyReceived.class,
      name = "input_audio_buffer.dtmf_event_received"),
  @JsonSubTypes.Type(value = ServerEvent.ItemAdded.class, name = "conversation.item.added"),
  @JsonSubTypes.Type(value = ServerEvent.ItemDone.class, name = "conversation.item.done"),
  @JsonSubTypes.Type(value = ServerEvent.ItemRetrieved.class, name = "conversation.item.retrieved"),
  @JsonSubTypes.Type(value = ServerEvent.ItemTruncated.class, name = "conversation.item.truncated"),
  @JsonSubTypes.Type(value = ServerEvent.ItemDeleted.class, name = "conversation.item.deleted"),
  @JsonSubTypes.Type(
      value = ServerEvent.TranscriptionDelta.class,
      name = "conversation.item.input_audio_transcription.delta"),
  @JsonSubTypes.Type(
      value = ServerEvent.TranscriptionCompleted.class,
      name = "conversation.item.input_audio_transcription.completed"),
  @JsonSubTypes.Type(
      value = ServerEvent.TranscriptionFailed.class,
      name = "conversation.item.input_audio_transcription.failed"),
  @JsonSubTypes.Type(value = ServerEvent.ResponseCreated.class, name = "response.created"),
  @JsonSubTypes.Type(value = ServerEvent.ResponseDone.class, name = "response.done"),
  @JsonSubTypes.Type(
      value = ServerEvent.OutputItemAdded.class,
      name = "response.output_item.added"),
  @JsonSubTypes.Type(value = ServerEvent.OutputItemDone.class, name = "response.output_item.done"),
  @JsonSubTypes.Type(value = ServerEvent.PartAdded.class, name = "response.content_part.added"),
  @JsonSubTypes.Type(value = ServerEvent.PartDone.class, name = "response.content_part.done"),
  @JsonSubTypes.Type(value = ServerEvent.TextDelta.class, name = "response.output_text.delta"),
  @JsonSubTypes.Type(value = ServerEvent.TextDone.class, name = "response.output_text.done"),
  @JsonSubTypes.Type(value = ServerEvent.AudioDelta.class, name = "response.output_audio.delta"),
  @JsonSubTypes.Type(value = ServerEvent.AudioDone.class, name = "response.output_audio.done"),
  @JsonSubTypes.Type(
      value = ServerEvent.TranscriptDelta.class,
      name = "response.output_audio_transcript.delta"),
  @JsonSubTypes.Type(
      value = ServerEvent.TranscriptDone.class,
      name = "response.output_audio_transcript.done"),
  @JsonSubTypes.Type(
      value = ServerEvent.ArgumentsDelta.class,
      name = "response.function_call_arguments.delta"),
  @JsonSubTypes.Type(
      value = ServerEvent.ArgumentsDone.class,
      name = "response.function_call_arguments.done")
})
sealed interface ServerEvent {
  String eventId();

  /**
   * A client event was refused, or the session is in trouble; it stays open.
   *
   * @param error what and why
   */
  record Failure(String eventId, ErrorBody error) implements ServerEvent {}

  /**
   * What went wrong.
   *
   * @param type "invalid_request_error" or "server_error"
   * @param param path of the field at fault
   * @param eventId of the client event at fault
   */
  record ErrorBody(
      String type,
      @Nullable String code,
      String message,
      @Nullable String param,
      @Nullable String eventId) {}

  /** The first event of every session. */
  record SessionCreated(String eventId, ObjectNode session) implements ServerEvent {}

  /** The whole configuration after a change. */
  record SessionUpdated(String eventId, ObjectNode session) implements ServerEvent {}

  /** The caller speaks. */
  record SpeechStarted(String eventId, long audioStartMs, String itemId) implements ServerEvent {}

  /** The caller is silent. */
  record SpeechStopped(String eventId, long audioEndMs, String itemId) implements ServerEvent {}

  /** Nobody spoke for the idle timeout. */
  record TimeoutTriggered(String eventId, long audioStartMs, long audioEndMs, String itemId)
      implements ServerEvent {}

  /** The buffered audio has become a user's message. */
  record Committed(String eventId, @Nullable String previousItemId, String itemId)
      implements ServerEvent {}

  /** The buffered audio is forgotten. */
  record Cleared(String eventId) implements ServerEvent {}

  /**
   * A key of a telephone.
   *
   * @param receivedAt seconds since the epoch
   */
  record KeyReceived(String eventId, String event, long receivedAt) implements ServerEvent {}

  /** An item begins to exist. */
  record ItemAdded(String eventId, @Nullable String previousItemId, JsonNode item)
      implements ServerEvent {}

  /** An item is complete. */
  record ItemDone(String eventId, @Nullable String previousItemId, JsonNode item)
      implements ServerEvent {}

  /** An item as it is. */
  record ItemRetrieved(String eventId, JsonNode item) implements ServerEvent {}

  /** An answer was cut to what was heard. */
  record ItemTruncated(String eventId, String itemId, int contentIndex, long audioEndMs)
      implements ServerEvent {}

  /** An item is gone. */
  record ItemDeleted(String eventId, String itemId) implements ServerEvent {}

  /** A piece of what the caller said. */
  record TranscriptionDelta(String eventId, String itemId, int contentIndex, String delta)
      implements ServerEvent {}

  /** All that the caller said. */
  record TranscriptionCompleted(
      String eventId, String itemId, int contentIndex, String transcript, Duration usage)
      implements ServerEvent {}

  /** What the caller said is not known. */
  record TranscriptionFailed(String eventId, String itemId, int contentIndex, ErrorBody error)
      implements ServerEvent {}

  /** Usage of a transcription: its length. */
  record Duration(String type, double seconds) {}

  /** An answer begins. */
  record ResponseCreated(String eventId, ObjectNode response) implements ServerEvent {}

  /** An answer is over. */
  record ResponseDone(String eventId, ObjectNode response) implements ServerEvent {}

  /** An item of an answer begins. */
  record OutputItemAdded(String eventId, String responseId, int outputIndex, JsonNode item)
      implements ServerEvent {}

  /** An item of an answer is complete. */
  record OutputItemDone(String eventId, String responseId, int outputIndex, JsonNode item)
      implements ServerEvent {}

  /** A part of an item begins. */
  record PartAdded(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      JsonNode part)
      implements ServerEvent {}

  /** A part of an item is complete. */
  record PartDone(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      JsonNode part)
      implements ServerEvent {}

  /** Text of a written answer. */
  record TextDelta(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      String delta)
      implements ServerEvent {}

  /** All text of a written answer. */
  record TextDone(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      String text)
      implements ServerEvent {}

  /** Speech of an answer, base64. */
  record AudioDelta(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      String delta)
      implements ServerEvent {}

  /** All speech has come. */
  record AudioDone(
      String eventId, String responseId, String itemId, int outputIndex, int contentIndex)
      implements ServerEvent {}

  /**
   * Text of a spoken answer.
   *
   * @param startTime seconds into the answer at which it is spoken; left out where not known
   */
  record TranscriptDelta(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      String delta,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double startTime)
      implements ServerEvent {}

  /** All text of a spoken answer. */
  record TranscriptDone(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      int contentIndex,
      String transcript)
      implements ServerEvent {}

  /** Arguments of a tool call. */
  record ArgumentsDelta(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      String callId,
      String delta)
      implements ServerEvent {}

  /** All arguments of a tool call. */
  record ArgumentsDone(
      String eventId,
      String responseId,
      String itemId,
      int outputIndex,
      String callId,
      String name,
      String arguments)
      implements ServerEvent {}
}
