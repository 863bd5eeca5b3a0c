package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.manifest.GenerationMode;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is asked for, checked; null means as the conversation has it.
 *
 * @param tag the caller's own name for it
 * @param outOfBand whether it stays out of the conversation's history
 * @param tools empty for none
 * @param voice who speaks it, one of the bundle's
 * @param input what it is made from in place of the history
 * @param toolChoice "auto", "none", "required" or the name of the tool that it must call
 */
public record RequestedAnswer(
    String tag,
    boolean outOfBand,
    @Nullable String instructions,
    @Nullable List<String> tools,
    @Nullable GenerationMode mode,
    @Nullable Integer maximumNewPositions,
    @Nullable String voice,
    @Nullable List<PastItem> input,
    @Nullable String toolChoice) {
  public static final RecordFormat<RequestedAnswer> FORMAT =
      RecordFormat.of("answer request", 1, RequestedAnswer::write, RequestedAnswer::read);

  /** Of the assistant itself, because nobody spoke. */
  public static final RequestedAnswer BY_ITSELF =
      new RequestedAnswer("", false, null, null, null, null, null, null, null);

  /** Whether it is made in another context than the conversation's own. */
  public boolean apart() {
    return outOfBand
        || instructions != null
        || tools != null
        || mode != null
        || maximumNewPositions != null
        || input != null;
  }

  private static void write(RequestedAnswer value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.tag, out);
    out.writeBoolean(value.outOfBand);
    StateEncoding.writeString(value.instructions, out);
    StateEncoding.writeList(value.tools, StateEncoding::writeString, out);
    StateEncoding.writeOptional(value.mode, (mode, to) -> to.writeUTF(mode.name()), out);
    StateEncoding.writeOptional(value.maximumNewPositions, (most, to) -> to.writeInt(most), out);
    StateEncoding.writeString(value.voice, out);
    StateEncoding.writeList(value.input, PastItem.FORMAT::put, out);
    StateEncoding.writeString(value.toolChoice, out);
  }

  private static RequestedAnswer read(int version, DataInput in) throws IOException {
    return new RequestedAnswer(
        StateEncoding.readString(in),
        in.readBoolean(),
        StateEncoding.readStringOrNull(in),
        StateEncoding.readListOrNull(StateEncoding::readString, in),
        StateEncoding.readOptional(from -> GenerationMode.valueOf(from.readUTF()), in),
        StateEncoding.readOptional(DataInput::readInt, in),
        StateEncoding.readStringOrNull(in),
        StateEncoding.readListOrNull(PastItem.FORMAT::get, in),
        StateEncoding.readStringOrNull(in));
  }
}
