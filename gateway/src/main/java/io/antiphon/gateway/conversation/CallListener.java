package io.antiphon.gateway.conversation;

import org.jspecify.annotations.Nullable;

/**
 * What comes back for one conversation: each thing once and in order, whatever the topics repeat.
 * Called on the session's strand. Turns count the conversation's answers from 0.
 *
 * <p>An answer is: {@link #answerStarted}, then {@link #text}, {@link #audio} and {@link #toolCall}
 * in the order they are made, and {@link #answerEnded} last, after its last audio.
 */
public interface CallListener {
  /** The caller has begun to speak, so many milliseconds into all the audio that was sent. */
  default void speechStarted(long audioMillis) {}

  /** The caller has ceased to speak. */
  default void speechStopped(long audioMillis) {}

  /**
   * What the caller said has become a turn, found by the dataflow or by endTurn.
   *
   * @param turn of its answer
   * @param audioMillis where it ends in the audio, -1 where that is not known
   */
  default void turnTaken(int turn, long audioMillis) {}

  /** Nobody spoke in the turn, so that it has no answer. */
  default void noSpeech(int turn) {}

  /** A piece of what the caller said in the question of an answer. */
  default void transcriptDelta(int turn, String text) {}

  /** All that the caller said in the question of an answer. */
  default void transcript(int turn, String text) {}

  /**
   * An answer begins.
   *
   * @param tag of the request that asked for it, null when the dataflow answered by itself
   */
  void answerStarted(int turn, @Nullable String tag);

  /**
   * A piece of the answer's text.
   *
   * @param offsetMillis where in the answer's audio it is spoken, -1 where that is not known
   */
  void text(int turn, String text, long offsetMillis);

  /** A piece of the answer's audio, in the format of the settings. */
  void audio(int turn, AudioPiece piece);

  /** The answer asks for a tool; {@code arguments} is a JSON object. */
  void toolCall(int turn, String callId, String name, String arguments);

  /** An answer is over. */
  void answerEnded(int turn, AnswerEnd end);

  /** An answer that was asked for is not made; nothing else comes for the tag. */
  void answerRefused(String tag, String code, String message);

  /** The dataflow took a key press. */
  default void keyTaken(char key) {}

  /** The dataflow does not take the conversation; it is over. */
  void refused(String reason, long retryAfterMillis);

  /**
   * Something outside any answer went wrong.
   *
   * @param code of the dataflow, such as "idle-timeout" or "malformed-audio"
   * @param terminal whether the conversation is over
   */
  void failed(String code, String message, boolean terminal);

  /** This node cannot go on with the conversation: Kafka is gone, or too much waits to be read. */
  void lost(String message);
}
