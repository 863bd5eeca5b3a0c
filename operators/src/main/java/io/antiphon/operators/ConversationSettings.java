package io.antiphon.operators;

import io.antiphon.runtime.Manifest;
import io.antiphon.runtime.Mode;
import io.antiphon.runtime.Sampling;
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
record ConversationSettings(
    String tenant,
    Mode mode,
    String instructions,
    List<String> tools,
    AudioFormat inputFormat,
    AudioFormat outputFormat,
    int silenceMillis,
    boolean transcribeInput,
    Wishes sampling) {

  /** Sampling as wished; null fields are the bundle's. */
  record Wishes(
      Double textTemperature,
      Double textTopP,
      Double textRepetitionPenalty,
      Double speechTemperature,
      Double speechTopP,
      Double speechRepetitionPenalty,
      Long seed,
      Integer maximumNewPositions) {

    static final Wishes NONE = new Wishes(null, null, null, null, null, null, null, null);

    Sampling text(Sampling standard) {
      return merge(standard, textTemperature, textTopP, textRepetitionPenalty);
    }

    Sampling speech(Sampling standard) {
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

  boolean speaks() {
    return mode == Mode.SPEECH;
  }

  /** The seed of every random number of the conversation. */
  long seed(String conversation) {
    return sampling.seed() == null ? Seeds.of(conversation) : sampling.seed();
  }

  int maximumNewPositions(Manifest manifest) {
    return sampling.maximumNewPositions() == null
        ? manifest.sampling().maximumNewPositions()
        : sampling.maximumNewPositions();
  }

  static void put(ConversationSettings value, DataOutput out) throws IOException {
    Wire.writeString(value.tenant, out);
    out.writeUTF(value.mode.name());
    Wire.writeString(value.instructions, out);
    Wire.writeList(value.tools, Wire::writeString, out);
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
    Wire.writeOptional(wishes.seed, (seed, to) -> to.writeLong(seed), out);
    Wire.writeOptional(wishes.maximumNewPositions, (most, to) -> to.writeInt(most), out);
  }

  static ConversationSettings get(DataInput in) throws IOException {
    return new ConversationSettings(
        Wire.readString(in),
        Mode.valueOf(in.readUTF()),
        Wire.readString(in),
        Wire.readList(Wire::readString, in),
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
            Wire.readOptional(DataInput::readLong, in),
            Wire.readOptional(DataInput::readInt, in)));
  }

  static void putFormat(AudioFormat value, DataOutput out) throws IOException {
    out.writeUTF(value.getEncoding());
    out.writeInt(value.getSampleRate());
  }

  static AudioFormat getFormat(DataInput in) throws IOException {
    return new AudioFormat(in.readUTF(), in.readInt());
  }

  private static void putDouble(Double value, DataOutput out) throws IOException {
    Wire.writeOptional(value, (each, to) -> to.writeDouble(each), out);
  }

  private static Double getDouble(DataInput in) throws IOException {
    return Wire.readOptional(DataInput::readDouble, in);
  }
}
