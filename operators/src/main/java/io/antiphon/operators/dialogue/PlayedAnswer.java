package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.HeardText;
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
   * What the caller heard, see {@link HeardText}. Tool calls are not spoken: a text that is cut has
   * none.
   *
   * @param playedMillis -1 when it is not known: then all of it
   * @param callBegin the marker before a tool call, {@code callEnd} the one behind it
   */
  public String heard(long playedMillis, String callBegin, String callEnd) {
    if (!interrupted || playedMillis < 0 || audioMillis <= 0 || playedMillis >= audioMillis) {
      return text;
    }
    String spoken =
        text.substring(0, heardBefore)
            + withoutCalls(text.substring(heardBefore), callBegin, callEnd);
    int cut = HeardText.end(spoken, heardBefore, playedMillis, audioMillis);
    return spoken.substring(0, cut).stripTrailing();
  }

  private static String withoutCalls(String text, String begin, String end) {
    StringBuilder spoken = new StringBuilder();
    int at = 0;
    for (int call = text.indexOf(begin); call >= 0; call = text.indexOf(begin, at)) {
      spoken.append(text, at, call);
      int after = text.indexOf(end, call + begin.length());
      if (after < 0) {
        return spoken.toString(); // the call does not end
      }
      at = after + end.length();
    }
    return spoken.append(text, at, text.length()).toString();
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
