package io.antiphon.operators.message;

import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.schemas.AudioFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * What a caller asked for at the start of the conversation, checked.
 *
 * @param instructions null for the bundle's own
 * @param tools null for the bundle's own, empty for none
 * @param silenceMillis quiet that ends a turn; 0 when only the caller ends turns
 * @param transcribeInput whether what the caller says is written as well
 * @param sampling the caller's wishes, null where the bundle decides
 */
public record ConversationSettings(
    String tenant,
    GenerationMode mode,
    String instructions,
    List<String> tools,
    AudioFormat inputFormat,
    AudioFormat outputFormat,
    int silenceMillis,
    boolean transcribeInput,
    Wishes sampling) {

  /** Sampling as wished; null fields are the bundle's. */
  public record Wishes(
      Double textTemperature,
      Double textTopP,
      Double textRepetitionPenalty,
      Double speechTemperature,
      Double speechTopP,
      Double speechRepetitionPenalty,
      Long seed,
      Integer maximumNewPositions) {

    public static final Wishes NONE = new Wishes(null, null, null, null, null, null, null, null);

    public Sampling text(Sampling standard) {
      return merge(standard, textTemperature, textTopP, textRepetitionPenalty);
    }

    public Sampling speech(Sampling standard) {
      return merge(standard, speechTemperature, speechTopP, speechRepetitionPenalty);
    }

    private static Sampling merge(
        Sampling standard, Double temperature, Double topP, Double repetitionPenalty) {
      return new Sampling(
          temperature == null ? standard.temperature() : temperature,
          topP == null ? standard.topP() : topP,
          repetitionPenalty == null ? standard.repetitionPenalty() : repetitionPenalty);
    }
  }

  public boolean speaks() {
    return mode == GenerationMode.SPEECH;
  }

  /** The seed of every random number of the conversation. */
  public long seed(String conversation) {
    return sampling.seed() == null ? Seeds.of(conversation) : sampling.seed();
  }

  public int maximumNewPositions(Manifest manifest) {
    return sampling.maximumNewPositions() == null
        ? manifest.sampling().maximumNewPositions()
        : sampling.maximumNewPositions();
  }

  public static void put(ConversationSettings value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.tenant, out);
    out.writeUTF(value.mode.name());
    StateEncoding.writeString(value.instructions, out);
    StateEncoding.writeList(value.tools, StateEncoding::writeString, out);
    putFormat(value.inputFormat, out);
    putFormat(value.outputFormat, out);
    out.writeInt(value.silenceMillis);
    out.writeBoolean(value.transcribeInput);
    Wishes wishes = value.sampling;
    putDouble(wishes.textTemperature, out);
    putDouble(wishes.textTopP, out);
    putDouble(wishes.textRepetitionPenalty, out);
    putDouble(wishes.speechTemperature, out);
    putDouble(wishes.speechTopP, out);
    putDouble(wishes.speechRepetitionPenalty, out);
    StateEncoding.writeOptional(wishes.seed, (seed, to) -> to.writeLong(seed), out);
    StateEncoding.writeOptional(wishes.maximumNewPositions, (most, to) -> to.writeInt(most), out);
  }

  public static ConversationSettings get(DataInput in) throws IOException {
    return new ConversationSettings(
        StateEncoding.readString(in),
        GenerationMode.valueOf(in.readUTF()),
        StateEncoding.readString(in),
        StateEncoding.readList(StateEncoding::readString, in),
        getFormat(in),
        getFormat(in),
        in.readInt(),
        in.readBoolean(),
        new Wishes(
            getDouble(in),
            getDouble(in),
            getDouble(in),
            getDouble(in),
            getDouble(in),
            getDouble(in),
            StateEncoding.readOptional(DataInput::readLong, in),
            StateEncoding.readOptional(DataInput::readInt, in)));
  }

  public static void putFormat(AudioFormat value, DataOutput out) throws IOException {
    out.writeUTF(value.getEncoding());
    out.writeInt(value.getSampleRate());
  }

  public static AudioFormat getFormat(DataInput in) throws IOException {
    return new AudioFormat(in.readUTF(), in.readInt(), 1);
  }

  private static void putDouble(Double value, DataOutput out) throws IOException {
    StateEncoding.writeOptional(value, (each, to) -> to.writeDouble(each), out);
  }

  private static Double getDouble(DataInput in) throws IOException {
    return StateEncoding.readOptional(DataInput::readDouble, in);
  }
}
