package io.antiphon.operators.message;

/**
 * The stable codes of dead letters and {@code ConversationFailed} records that arise here. Codes of
 * records that cannot be decoded are {@link io.antiphon.serde.RecordDecodingException}'s.
 *
 * <p>A record that cannot be used becomes exactly one dead letter. If its conversation is open the
 * caller is told with the same code.
 */
public final class FailureCodes {
  /** Dead letter: the record was there before (by offset or sequence). */
  public static final String DUPLICATE = "duplicate";

  /** Dead letter, to the caller: the sequence number is negative or beyond 2^53. */
  public static final String INVALID_SEQUENCE = "invalid-sequence";

  /** Dead letter: the sequence number is further ahead than can be waited for. */
  public static final String SEQUENCE_JUMP = "sequence-jump";

  /** To the caller: records are missing; the conversation goes on without them. */
  public static final String SEQUENCE_GAP = "sequence-gap";

  /** Dead letter, to the caller: the conversation did not begin with ConversationStarted. */
  public static final String NOT_STARTED = "not-started";

  /** Dead letter, to the caller: a second ConversationStarted. */
  public static final String ALREADY_STARTED = "already-started";

  /** Dead letter, to the caller: the event, or a field of it, is not served. */
  public static final String UNSUPPORTED_EVENT = "unsupported-event";

  /** Dead letter, to the caller: the event came with a later release of the records. */
  public static final String UNKNOWN_EVENT = "unknown-event";

  /** Dead letter, to the caller, terminal: a second producer began the conversation anew. */
  public static final String CONVERSATION_RESTARTED = "conversation-restarted";

  /** Dead letter, once to the caller who begins it again: the conversation is over. */
  public static final String CONVERSATION_ENDED = "conversation-ended";

  /** Dead letter: the record is of a producer from which another has taken over. */
  public static final String STALE_EPOCH = "stale-epoch";

  /** Dead letter: an epoch below 0. */
  public static final String INVALID_EPOCH = "invalid-epoch";

  /** Dead letter, to the caller, terminal: ConversationStarted asks for what is not offered. */
  public static final String INVALID_SETTINGS = "invalid-settings";

  /** Dead letter, to the caller, terminal: an encoding or rate that is not spoken here. */
  public static final String UNSUPPORTED_AUDIO_FORMAT = "unsupported-audio-format";

  /** Dead letter, to the caller: the chunk's bytes are none of the format. */
  public static final String MALFORMED_AUDIO = "malformed-audio";

  /** Turn's outcome: it ended without audio to speak of. */
  public static final String EMPTY_TURN = "empty-turn";

  /** Turn's outcome: nothing in it could be heard. */
  public static final String SILENT_TURN = "silent-turn";

  /** Turn's outcome: there is sound in it, but nobody speaks. */
  public static final String NO_SPEECH = "no-speech";

  /** Turn's outcome: it went on beyond the limit. */
  public static final String TURN_TOO_LONG = "turn-too-long";

  /** To the caller: a written message ended a spoken turn, whose audio is dropped. */
  public static final String AUDIO_DISCARDED = "audio-discarded";

  /** To the caller: no call with this id waits for a result. */
  public static final String UNKNOWN_TOOL_CALL = "unknown-tool-call";

  /** To the caller: no item with this id is in the history. */
  public static final String UNKNOWN_ITEM = "unknown-item";

  /** To the caller: an item with this id is in the history already. */
  public static final String DUPLICATE_ITEM = "duplicate-item";

  /** Turn's outcome: the model wrote a tool call that is no JSON of name and arguments. */
  public static final String MALFORMED_TOOL_CALL = "malformed-tool-call";

  /** Turn's outcome: a tool was called, or had to be, that the conversation does not offer. */
  public static final String TOOL_NOT_OFFERED = "tool-not-offered";

  /** Turn's outcome: question and instructions do not fit into the model's context. */
  public static final String CONTEXT_LIMIT = "context-limit";

  /** Turn's outcome: too many questions wait for their answers. */
  public static final String TOO_MANY_WAITING = "too-many-waiting";

  /** Turn's outcome: a written message where only speech can be transcribed. */
  public static final String NOTHING_TO_TRANSCRIBE = "nothing-to-transcribe";

  /** To the caller, terminal: nothing came for the idle timeout. */
  public static final String IDLE_TIMEOUT = "idle-timeout";

  /** Dead letter: sound that came after its place in the call had passed. */
  public static final String LATE_AUDIO = "late-audio";

  /** Dead letter: a rule set that cannot be used; the one before stays in force. */
  public static final String INVALID_RULES = "invalid-rules";

  private FailureCodes() {}
}
