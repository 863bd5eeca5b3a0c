package io.antiphon.operators.message;

import io.antiphon.operators.state.SerializedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What travels from the conversation operator through speech tokenizer and grouping to the response
 * operator, in order within a conversation. Immutable: arrays are handed over and not changed.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public sealed interface ConversationMessage {
  TypeInformation<ConversationMessage> TYPE =
      new SerializedType<>(ConversationMessage.class, new ConversationMessageSerializer());

  String conversation();

  /** The conversation begins. */
  record Opened(String conversation, ConversationSettings settings)
      implements ConversationMessage {}

  /** Caller audio, 16 kHz mono. */
  record Samples(String conversation, float[] samples) implements ConversationMessage {}

  /**
   * A log-mel window that waits for the encoder; stays within the speech tokenizer.
   *
   * @param mel {@code [melBins x frames]}
   * @param turnSamples of the whole turn when this is its last window, else -1
   */
  record Window(String conversation, float[] mel, int frames, long turnSamples)
      implements ConversationMessage {}

  /**
   * Encoder frames at the token rate.
   *
   * @param frames {@code [f x d]}
   * @param turnSamples of the whole turn when these are its last frames, else -1
   */
  record Frames(String conversation, float[] frames, long turnSamples)
      implements ConversationMessage {}

  /**
   * Complete groups of frames that wait for the grouping graph; stays within the grouping operator.
   *
   * @param frames {@code [count x k x d]}
   */
  record FrameGroups(String conversation, float[] frames, int count)
      implements ConversationMessage {}

  /**
   * Group embeddings, as the shared LLM takes them.
   *
   * @param groups {@code [count x d]}
   */
  record Groups(String conversation, float[] groups, int count) implements ConversationMessage {}

  /**
   * The caller began to speak.
   *
   * @param millis of media time
   */
  record SpeechStarted(String conversation, long millis) implements ConversationMessage {}

  /**
   * The caller ceased to speak.
   *
   * @param millis of media time
   */
  record SpeechStopped(String conversation, long millis) implements ConversationMessage {}

  /**
   * The caller's spoken turn is over.
   *
   * @param at milliseconds since the epoch
   * @param beganMillis of media time at which speech began, where the speech detector found the
   *     turn; else -1
   * @param millis of media time at which speech ended, likewise
   * @param failure why it cannot be answered, null when it can
   */
  record UserTurnEnded(
      String conversation, double at, long beganMillis, long millis, Failure failure)
      implements ConversationMessage {}

  /** The audio of the turn so far is void. */
  record UserTurnDropped(String conversation) implements ConversationMessage {}

  /** A whole turn in text. */
  record TextTurn(String conversation, String text, double at) implements ConversationMessage {}

  /** What a tool gave. */
  record ToolAnswer(String conversation, String callId, String result, double at)
      implements ConversationMessage {}

  /** Every answer asked for so far stops. */
  record Interrupted(String conversation) implements ConversationMessage {}

  /** So much of an answer has been heard. */
  record Playback(String conversation, int turn, long playedMillis)
      implements ConversationMessage {}

  /**
   * Something the caller must know that belongs to no answer.
   *
   * @param eventSequence of the event that it is about, -1 for none
   */
  record Notice(String conversation, Failure failure, boolean terminal, long eventSequence)
      implements ConversationMessage {}

  /** The settings change from the next answer on. */
  record SettingsChanged(String conversation, ConversationSettings settings)
      implements ConversationMessage {}

  /** An answer is asked for. */
  record AnswerRequested(String conversation, RequestedAnswer request, double at)
      implements ConversationMessage {}

  /**
   * Something is added to the history.
   *
   * @param previousId of the item that it follows; null: it becomes the last, empty: the first
   */
  record ItemAdded(String conversation, PastItem item, String previousId)
      implements ConversationMessage {}

  /** Something is taken out of the history. */
  record ItemRemoved(String conversation, String itemId) implements ConversationMessage {}

  /**
   * The caller pressed a key, to be told at once; in its place in the conversation it comes as
   * {@link KeyPressed}.
   *
   * @param millis of media time that were heard before
   */
  record KeyTold(String conversation, String key, long millis) implements ConversationMessage {}

  /** The caller pressed a key of the telephone. */
  record KeyPressed(String conversation, String key) implements ConversationMessage {}

  /**
   * Nobody speaks; told every 100 ms of media time where the assistant may speak by itself.
   *
   * @param millis of media time
   */
  record Quiet(String conversation, long millis) implements ConversationMessage {}

  /**
   * The host has no place for the conversation; it may ask again.
   *
   * @param retryAfterMillis when
   */
  record Refused(String conversation, String reason, long retryAfterMillis)
      implements ConversationMessage {}

  /** Nothing more will come; what has been asked is still answered. */
  record Closed(String conversation) implements ConversationMessage {}
}
