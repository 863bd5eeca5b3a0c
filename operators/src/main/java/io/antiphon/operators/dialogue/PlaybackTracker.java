package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationMessage.Playback;
import io.antiphon.runtime.text.Prompts;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the caller has heard. Owns the last answer, as long as nothing was asked after it, and the
 * last playback report.
 */
final class PlaybackTracker {
  private @Nullable PlayedAnswer last;
  private int playedTurn = ConversationDialogue.NO_TURN;
  private long playedMillis;

  /** An answer is over. */
  void answered(AnswerBuilder answer, boolean interrupted) {
    last =
        new PlayedAnswer(
            answer.turn(),
            answer.text(),
            answer.heardBefore(),
            answer.audioMillis(),
            interrupted,
            answer.log().withoutQuestion());
  }

  /** Something new was asked. */
  void asked() {
    last = null;
  }

  /** The caller speaks over what is playing. */
  void interrupted() {
    if (last != null) {
      last = last.interruptedNow();
    }
  }

  /**
   * Takes a report. Reports on older answers than the last one are ignored, and on answers that
   * never were. One on less of the same answer corrects what was estimated.
   *
   * @param newest turn that has an answer
   * @param audioMillis of the answer that is reported: more cannot have been played
   */
  void played(Playback report, int newest, long audioMillis) {
    long millis = Math.max(0, Math.min(report.playedMillis(), audioMillis));
    if (report.turn() < 0 || report.turn() > newest || report.turn() < playedTurn) {
      return;
    }
    playedTurn = report.turn();
    playedMillis = millis;
  }

  /** What was heard of the last answer, null when that was not interrupted. */
  @Nullable String heard(Prompts prompts) {
    if (last == null || !last.interrupted()) {
      return null;
    }
    return last.heard(
        playedTurn == last.turn() ? playedMillis : -1,
        prompts.toolCallBegin(),
        prompts.toolCallEnd());
  }

  /**
   * Whether the last answer can still be heard at a media time: no, where neither a report nor
   * media time says anything.
   *
   * @param silenceMillis without speech that end a turn
   */
  boolean mayBeHeard(long millis, int silenceMillis) {
    if (last == null || last.interrupted()) {
      return false;
    }
    long from = last.made().heardFrom(silenceMillis);
    boolean reportedWhole = playedTurn == last.turn() && playedMillis >= last.audioMillis();
    return from >= 0 && millis < from + last.audioMillis() && !reportedWhole;
  }

  /**
   * How much of the last answer was heard until a media time: what was reported, else the time
   * since it could first be heard, else all of it.
   */
  long heardMillis(long millis, int silenceMillis) {
    PlayedAnswer heard = Objects.requireNonNull(last, "nothing was answered");
    if (playedTurn == heard.turn()) {
      return playedMillis;
    }
    long from = heard.made().heardFrom(silenceMillis);
    return from < 0
        ? heard.audioMillis()
        : Math.max(0, Math.min(millis - from, heard.audioMillis()));
  }

  /** Media time at which the last answer is over, -1 where nothing is known of media time. */
  long endMillis(int silenceMillis) {
    if (last == null) {
      return -1;
    }
    long from = last.made().heardFrom(silenceMillis);
    return from < 0 ? -1 : from + last.audioMillis();
  }

  @Nullable PlayedAnswer last() {
    return last;
  }

  int playedTurn() {
    return playedTurn;
  }

  long playedMillis() {
    return playedMillis;
  }

  void restore(DialogueState log) {
    last = log.last();
    playedTurn = log.playedTurn();
    playedMillis = log.playedMillis();
  }
}
