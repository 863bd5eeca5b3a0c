package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A piece of a conversation's history that the caller gives, checked.
 *
 * @param id the caller's own
 * @param text a message's text, a call's arguments (a JSON object) or a tool's result
 * @param name of the tool that was called, otherwise empty
 */
public record PastItem(String id, Kind kind, String text, String name) {
  public static final RecordFormat<PastItem> FORMAT =
      RecordFormat.of("past item", 1, PastItem::write, PastItem::read);

  /** Whose it is. */
  public enum Kind {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL_CALL,
    TOOL_RESULT
  }

  private static void write(PastItem value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.id, out);
    out.writeUTF(value.kind.name());
    StateEncoding.writeString(value.text, out);
    StateEncoding.writeString(value.name, out);
  }

  private static PastItem read(int version, DataInput in) throws IOException {
    return new PastItem(
        StateEncoding.readString(in),
        Kind.valueOf(in.readUTF()),
        StateEncoding.readString(in),
        StateEncoding.readString(in));
  }
}
