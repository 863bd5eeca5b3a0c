package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Why something the caller sent has no answer.
 *
 * @param code stable, one of {@link FailureCodes}
 * @param message at most {@value #MAXIMUM_CHARACTERS} characters: a longer one is shortened
 */
public record Failure(String code, String message) {
  /** Messages quote what callers and the model wrote, which may be of any length. */
  public static final int MAXIMUM_CHARACTERS = 1000;

  public static final RecordFormat<Failure> FORMAT =
      RecordFormat.of("failure", 1, Failure::write, Failure::read);

  public Failure {
    message = shortened(message);
  }

  /** The message, or its beginning with dots behind it. */
  public static String shortened(String message) {
    if (message.length() <= MAXIMUM_CHARACTERS) {
      return message;
    }
    int cut = MAXIMUM_CHARACTERS - 3;
    if (Character.isHighSurrogate(message.charAt(cut - 1))) {
      cut--; // half a character cannot be encoded
    }
    return message.substring(0, cut) + "...";
  }

  private static void write(Failure value, DataOutput out) throws IOException {
    out.writeUTF(value.code);
    StateEncoding.writeString(value.message, out);
  }

  private static Failure read(int version, DataInput in) throws IOException {
    return new Failure(in.readUTF(), StateEncoding.readString(in));
  }
}
