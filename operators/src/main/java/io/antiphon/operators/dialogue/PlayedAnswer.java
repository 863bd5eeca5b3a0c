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
 * @param audioMillis of its speech
 * @param interrupted whether the caller spoke over it
 */
public record PlayedAnswer(int turn, String text, long audioMillis, boolean interrupted) {
  static final RecordFormat<PlayedAnswer> FORMAT =
      RecordFormat.of("played answer", 1, PlayedAnswer::write, PlayedAnswer::read);

  PlayedAnswer interruptedNow() {
    return new PlayedAnswer(turn, text, audioMillis, true);
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
    int cut = (int) (text.length() * playedMillis / audioMillis);
    while (cut > 0 && !Character.isWhitespace(text.charAt(cut))) {
      cut--;
    }
    return text.substring(0, cut).stripTrailing();
  }

  private static void write(PlayedAnswer value, DataOutput out) throws IOException {
    out.writeInt(value.turn);
    StateEncoding.writeString(value.text, out);
    out.writeLong(value.audioMillis);
    out.writeBoolean(value.interrupted);
  }

  private static PlayedAnswer read(int version, DataInput in) throws IOException {
    return new PlayedAnswer(
        in.readInt(), StateEncoding.readString(in), in.readLong(), in.readBoolean());
  }
}
