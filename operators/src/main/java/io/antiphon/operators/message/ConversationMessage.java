package io.antiphon.operators.message;

import io.antiphon.operators.state.SerializedType;
import io.antiphon.operators.state.VersionedSerializer;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.jspecify.annotations.Nullable;

/**
 * What travels from the input to the answers, in order within a conversation. Each stage has a type
 * of its own for what it takes: {@link EncoderInput}, {@link GroupingInput}, {@link DialogueInput}.
 * Audio is made into something else by each of them; all else is {@link Control} and passes.
 * Immutable: arrays are handed over and not changed.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public sealed interface ConversationMessage {
  String conversation();

  /** What the speech encoder takes. */
  sealed interface EncoderInput extends ConversationMessage {
    TypeInformation<EncoderInput> TYPE = ConversationMessage.type(EncoderInput.class);
  }

  /** What the speech encoder gives and the grouping takes. */
  sealed interface GroupingInput extends ConversationMessage {
    TypeInformation<GroupingInput> TYPE = ConversationMessage.type(GroupingInput.class);
  }

  /** What the grouping gives and the dialogue takes. */
  sealed interface DialogueInput extends ConversationMessage {
    TypeInformation<DialogueInput> TYPE = ConversationMessage.type(DialogueInput.class);
  }

  /** What is no audio: the stages before the dialogue pass it on. */
  sealed interface Control extends EncoderInput, GroupingInput, DialogueInput {}

  /** Has no place in the order of turns and leaves every stage at once. */
  sealed interface Signal extends Control {}

  /** Is worked off in its turn, behind the answer under way. */
  sealed interface Sequenced extends DialogueInput {}

  /** A message that a stage waits for the host with; never leaves the stage. */
  sealed interface StageWork extends ConversationMessage {}

  /** A stream of one stage's messages holds nothing else; all are written in the same way. */
  @SuppressWarnings("unchecked")
  private static <T extends ConversationMessage> TypeInformation<T> type(Class<T> type) {
    return new SerializedType<>(
        type,
        (VersionedSerializer<T>) (VersionedSerializer<?>) new ConversationMessageSerializer());
  }

  /** The conversation begins. */
  record Opened(String conversation, ConversationSettings settings) implements Control, Sequenced {}

  /** Caller audio, 16 kHz mono. */
  record Samples(String conversation, float[] samples) implements EncoderInput {}

  /**
   * A log-mel window that waits for the encoder.
   *
   * @param mel {@code [melBins x frames]}
   * @param turnSamples of the whole turn when this is its last window, else -1
   */
  record Window(String conversation, float[] mel, int frames, long turnSamples)
      implements StageWork {}

  /**
   * Encoder frames at the token rate.
   *
   * @param frames {@code [f x d]}
   * @param turnSamples of the whole turn when these are its last frames, else -1
   */
  record Frames(String conversation, float[] frames, long turnSamples) implements GroupingInput {}

  /**
   * Complete groups of frames that wait for the grouping graph.
   *
   * @param frames {@code [count x k x d]}
   */
  record FrameGroups(String conversation, float[] frames, int count) implements StageWork {}

  /**
   * Group embeddings, as the shared LLM takes them.
   *
   * @param groups {@code [count x d]}
   */
  record Groups(String conversation, float[] groups, int count) implements Sequenced {}

  /**
   * The caller began to speak.
   *
   * @param millis of media time
   */
  record SpeechStarted(String conversation, long millis) implements Signal {}

  /**
   * The caller ceased to speak.
   *
   * @param millis of media time
   */
  record SpeechStopped(String conversation, long millis) implements Signal {}

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
      String conversation, double at, long beganMillis, long millis, @Nullable Failure failure)
      implements Control, Sequenced {}

  /** The audio of the turn so far is void. */
  record UserTurnDropped(String conversation) implements Control, Sequenced {}

  /** A whole turn in text. */
  record TextTurn(String conversation, String text, double at) implements Control, Sequenced {}

  /** What a tool gave. */
  record ToolAnswer(String conversation, String callId, String result, double at)
      implements Control, Sequenced {}

  /**
   * Answers stop.
   *
   * @param turn of the one answer that stops, {@link #ALL_TURNS} for every one asked for so far
   */
  record Interrupted(String conversation, int turn) implements Control {
    /** Every answer asked for so far. */
    public static final int ALL_TURNS = -1;

    /** Every answer asked for so far stops. */
    public static Interrupted all(String conversation) {
      return new Interrupted(conversation, ALL_TURNS);
    }
  }

  /** So much of an answer has been heard. */
  record Playback(String conversation, int turn, long playedMillis) implements Control {}

  /**
   * Something the caller must know that belongs to no answer.
   *
   * @param eventSequence of the event that it is about, -1 for none
   */
  record Notice(String conversation, Failure failure, boolean terminal, long eventSequence)
      implements Signal {}

  /** The settings change from the next answer on. */
  record SettingsChanged(String conversation, ConversationSettings settings)
      implements Control, Sequenced {}

  /** An answer is asked for. */
  record AnswerRequested(String conversation, RequestedAnswer request, double at)
      implements Control, Sequenced {}

  /**
   * Something is added to the history.
   *
   * @param previousId of the item that it follows; null: it becomes the last, empty: the first
   */
  record ItemAdded(String conversation, PastItem item, @Nullable String previousId)
      implements Control, Sequenced {}

  /** Something is taken out of the history. */
  record ItemRemoved(String conversation, String itemId) implements Control, Sequenced {}

  /**
   * The caller pressed a key, to be told at once; in its place in the conversation it comes as
   * {@link KeyPressed}.
   *
   * @param millis of media time that were heard before
   */
  record KeyTold(String conversation, String key, long millis) implements Signal {}

  /** The caller pressed a key of the telephone. */
  record KeyPressed(String conversation, String key) implements Control, Sequenced {}

  /**
   * Nobody speaks; told every 100 ms of media time where the assistant may speak by itself.
   *
   * @param millis of media time
   */
  record Quiet(String conversation, long millis) implements Control {}

  /**
   * The host has no place for the conversation; it may ask again.
   *
   * @param retryAfterMillis when
   */
  record Refused(String conversation, String reason, long retryAfterMillis) implements Signal {}

  /** Nothing more will come; what has been asked is still answered. */
  record Closed(String conversation) implements Control, Sequenced {}
}
