package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.runtime.SpeechSegmenter;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Who ends the caller's turns, as asked for and checked.
 *
 * @param silenceMillis quiet, or time without speech, that ends a turn; not used when only the
 *     caller ends turns
 * @param threshold probability from which a window is speech, 0 to 1
 * @param prefixMillis sound before speech that belongs to the turn
 * @param interruptsAnswer speech stops the answer that is spoken
 * @param answersTurns a turn is answered by itself; otherwise only when an answer is asked for
 * @param idleTimeoutMillis without speech after an answer, upon which the assistant speaks by
 *     itself; 0 for never
 * @param unfinishedSilenceMillis time without speech that ends a turn which the model takes for
 *     unfinished, where {@code silenceMillis} ends one that it is sure of; 0 where {@code
 *     silenceMillis} ends every turn
 */
public record TurnSettings(
    Type type,
    int silenceMillis,
    double threshold,
    int prefixMillis,
    boolean interruptsAnswer,
    boolean answersTurns,
    int idleTimeoutMillis,
    int unfinishedSilenceMillis) {

  /** Only the caller ends turns. */
  public static final TurnSettings MANUAL =
      new TurnSettings(Type.MANUAL, 0, SpeechSegmenter.DEFAULT_THRESHOLD, 0, false, true, 0, 0);

  /** The caller ends turns and asks for answers. */
  public static final TurnSettings MANUAL_UNANSWERED =
      new TurnSettings(Type.MANUAL, 0, SpeechSegmenter.DEFAULT_THRESHOLD, 0, false, false, 0, 0);

  public static final RecordFormat<TurnSettings> FORMAT =
      RecordFormat.of("turn settings", 2, TurnSettings::write, TurnSettings::read);

  /** The same where nothing can tell whether a turn is finished: one time for all. */
  public TurnSettings withoutJudgement() {
    return unfinishedSilenceMillis == 0
        ? this
        : new TurnSettings(
            type,
            (int) Math.sqrt((double) silenceMillis * unfinishedSilenceMillis),
            threshold,
            prefixMillis,
            interruptsAnswer,
            answersTurns,
            idleTimeoutMillis,
            0);
  }

  /** Who ends turns. */
  public enum Type {
    /** The caller alone. */
    MANUAL,
    /** Also quiet after sound. */
    SILENCE,
    /** Also time without speech, found by the speech detector. */
    SPEECH
  }

  private static void write(TurnSettings value, DataOutput out) throws IOException {
    out.writeUTF(value.type.name());
    out.writeInt(value.silenceMillis);
    out.writeDouble(value.threshold);
    out.writeInt(value.prefixMillis);
    out.writeBoolean(value.interruptsAnswer);
    out.writeBoolean(value.answersTurns);
    out.writeInt(value.idleTimeoutMillis);
    out.writeInt(value.unfinishedSilenceMillis);
  }

  private static TurnSettings read(int version, DataInput in) throws IOException {
    return new TurnSettings(
        Type.valueOf(in.readUTF()),
        in.readInt(),
        in.readDouble(),
        in.readInt(),
        in.readBoolean(),
        in.readBoolean(),
        in.readInt(),
        version < 2 ? 0 : in.readInt());
  }
}
