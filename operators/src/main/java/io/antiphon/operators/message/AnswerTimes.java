package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * When the stages of an answer happened, in milliseconds since the epoch; -1 for what has not
 * happened.
 *
 * @param asked end of the caller's turn
 * @param encoded all of the question encoded and grouped
 * @param prefilled all of the prompt but its last position in the cache, the first step begins
 * @param firstText first text id
 * @param firstSpeech first group of speech ids that are no delay
 */
public record AnswerTimes(
    double asked, double encoded, double prefilled, double firstText, double firstSpeech) {
  public static final RecordFormat<AnswerTimes> FORMAT =
      RecordFormat.of("answer times", 1, AnswerTimes::write, AnswerTimes::read);

  /** Nothing of the answer has happened yet. */
  public static AnswerTimes of(double asked, double encoded) {
    return new AnswerTimes(asked, encoded, -1, -1, -1);
  }

  public AnswerTimes withPrefilled(double at) {
    return new AnswerTimes(asked, encoded, at, firstText, firstSpeech);
  }

  public AnswerTimes withFirstText(double at) {
    return new AnswerTimes(asked, encoded, prefilled, at, firstSpeech);
  }

  public AnswerTimes withFirstSpeech(double at) {
    return new AnswerTimes(asked, encoded, prefilled, firstText, at);
  }

  /** Milliseconds from the end of the caller's turn; -1 for what has not happened. */
  public double since(double at) {
    return at < 0 ? -1 : at - asked;
  }

  private static void write(AnswerTimes value, DataOutput out) throws IOException {
    out.writeDouble(value.asked);
    out.writeDouble(value.encoded);
    out.writeDouble(value.prefilled);
    out.writeDouble(value.firstText);
    out.writeDouble(value.firstSpeech);
  }

  private static AnswerTimes read(int version, DataInput in) throws IOException {
    return new AnswerTimes(
        in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
  }
}
