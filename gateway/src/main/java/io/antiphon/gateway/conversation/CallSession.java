package io.antiphon.gateway.conversation;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One caller's conversation, as a protocol sees it: what the caller does, event by event. Nothing
 * waits for an answer; what comes back goes to the {@link CallListener}.
 *
 * <p>To be used on the strand it was opened with. Everything but {@link #start} and {@link #end}
 * before the start is an error of the protocol ({@link IllegalStateException}); after the end it is
 * ignored.
 */
public interface CallSession {
  String conversationId();

  boolean started();

  /** Begins the conversation; once. */
  void start(ConversationRequest settings);

  /**
   * Other settings from now on. Audio formats stay what they were at the start: a protocol whose
   * formats change converts.
   */
  void update(ConversationRequest settings);

  /** The caller's audio in the format of the settings, any number of whole samples. */
  void audio(byte[] bytes);

  /**
   * The caller's audio so far is one turn. It is answered if the settings' turn detection answers
   * turns, else only when {@link #requestAnswer} asks.
   */
  void endTurn();

  /** Forgets the audio of the open turn. */
  void discardAudio();

  /** Asks for an answer to everything there is. Its events carry the request's tag. */
  void requestAnswer(AnswerRequest request);

  /**
   * Adds to the history without asking for an answer.
   *
   * @param previousItemId the item it stands behind; {@link HistoryItem#ROOT} for the beginning,
   *     null for the end
   */
  void addItem(HistoryItem item, @Nullable String previousItemId);

  /** Takes an item out of the history. */
  void removeItem(String itemId);

  /** A tool's result; not answered before {@link #requestAnswer} asks. */
  void toolResult(String callId, String result);

  /** The caller has heard so much of an answer's audio. */
  void played(int turn, long millis);

  /** The answer under way stops, and those that were asked for behind it. */
  void interrupt();

  /** One answer stops, if it is not over yet; none behind it does. */
  void interrupt(int turn);

  /** A key was pressed on the telephone: 0 to 9, *, #, A to D. */
  void key(char key);

  /** The conversation is over. No listener method is called any more. */
  void end();

  /** What it was started or last updated with; null before the start. */
  @Nullable ConversationRequest settings();

  /**
   * What lets another node go on with the conversation, should this one be gone; empty where the
   * dataflow does not serve it.
   *
   * @param settings that it would start with now, if it has not started
   */
  Optional<String> takeover(ConversationRequest settings);

  /** Stops listening but leaves the conversation open for a while, so that it may be resumed. */
  void detach();
}
