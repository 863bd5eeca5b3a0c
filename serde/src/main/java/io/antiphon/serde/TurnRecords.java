package io.antiphon.serde;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.TurnCompleted;
import java.util.Arrays;

/**
 * The two records of an answer's end: TurnCompleted on the text topic and, flat and without enums,
 * CompletedTurn on the topic of completed turns. Thread safe.
 */
public final class TurnRecords {
  private TurnRecords() {}

  /** Takes an answer's end into a completed turn. */
  public static CompletedTurn.Builder setAnswer(
      CompletedTurn.Builder turn, TurnCompleted completed) {
    return turn.setText(completed.getText())
        .setFinishReason(completed.getFinishReason().name())
        .setUsage(completed.getUsage())
        .setLatencies(completed.getLatencies())
        .setAudioMillis(completed.getAudioMillis());
  }

  /** The end that a completed turn's answer had on the text topic. */
  public static TurnCompleted answer(CompletedTurn turn) {
    return new TurnCompleted(
        turn.getText(),
        finishReason(turn.getFinishReason()),
        turn.getUsage(),
        turn.getLatencies(),
        turn.getAudioMillis());
  }

  /** The reason of a name; {@code UNKNOWN} for one that a later release added. */
  private static FinishReason finishReason(String name) {
    return Arrays.stream(FinishReason.values())
        .filter(reason -> reason.name().equals(name))
        .findFirst()
        .orElse(FinishReason.UNKNOWN);
  }
}
