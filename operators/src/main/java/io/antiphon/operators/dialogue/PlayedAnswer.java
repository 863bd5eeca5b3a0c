package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The answer that was made last and may still be playing.
 *
 * @param text as made, in the history's form
 * @param heardBefore characters of the text that were heard in the answer that it went on with
 * @param audioMillis of its speech
 * @param interrupted whether the caller spoke over it
 * @param made how, without its question
 */
public record PlayedAnswer(
    int turn,
    String text,
    int heardBefore,
    long audioMillis,
    boolean interrupted,
    AnswerState made) {
  static final RecordFormat<PlayedAnswer> FORMAT =
      RecordFormat.of("played answer", 1, PlayedAnswer::write, PlayedAnswer::read);

  PlayedAnswer interruptedNow() {
    return new PlayedAnswer(turn, text, heardBefore, audioMillis, true, made);
  }

  /**
   * What the caller heard: the share of the text that was played, up to the end of a word. Text and
   * speech of an answer are not aligned word by word, so the share is an estimate.
   *
   * @param playedMillis -1 when it is not known: then all of it
   */
  public String heard(long playedMillis) {
    if (!interrupted || playedMillis < 0 || audioMillis <= 0 || playedMillis >= audioMillis) {
      return text;
    }
    int cut = heardBefore + (int) ((text.length() - heardBefore) * playedMillis / audioMillis);
    while (cut > heardBefore && !Character.isWhitespace(text.charAt(cut))) {
      cut--;
    }
    return text.substring(0, cut).stripTrailing();
  }

  private static void write(PlayedAnswer value, DataOutput out) throws IOException {
    out.writeInt(value.turn);
    StateEncoding.writeString(value.text, out);
    out.writeInt(value.heardBefore);
    out.writeLong(value.audioMillis);
    out.writeBoolean(value.interrupted);
    AnswerState.FORMAT.put(value.made, out);
  }

  private static PlayedAnswer read(int version, DataInput in) throws IOException {
    return new PlayedAnswer(
        in.readInt(),
        StateEncoding.readString(in),
        in.readInt(),
        in.readLong(),
        in.readBoolean(),
        AnswerState.FORMAT.get(in));
  }
}
