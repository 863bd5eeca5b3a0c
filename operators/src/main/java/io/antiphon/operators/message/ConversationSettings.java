package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.schemas.AudioFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asked for at the start of the conversation, checked.
 *
 * @param instructions of the conversation's own, behind the bundle's for the mode; null for none
 * @param tools null for the bundle's own, empty for none
 * @param turns who ends the caller's turns
 * @param transcribeInput whether what the caller says is written as well
 * @param voice who speaks the answers, one of the bundle's; empty for its first or only one
 * @param sampling the caller's wishes, null where the bundle decides
 * @param toolChoice "auto", "none", "required" or the name of the tool that every answer must call
 */
public record ConversationSettings(
    String tenant,
    GenerationMode mode,
    @Nullable String instructions,
    @Nullable List<String> tools,
    AudioFormat inputFormat,
    AudioFormat outputFormat,
    TurnSettings turns,
    boolean transcribeInput,
    String voice,
    Wishes sampling,
    @Nullable String toolChoice) {

  public static final RecordFormat<ConversationSettings> FORMAT =
      RecordFormat.of(
          "conversation settings", 1, ConversationSettings::write, ConversationSettings::read);

  /** The tool choice that leaves to the model which tool it calls, but not whether. */
  public static final String REQUIRED = "required";

  /** Of one channel. */
  public static final RecordFormat<AudioFormat> AUDIO_FORMAT =
      RecordFormat.of(
          "audio format", 1, ConversationSettings::writeFormat, ConversationSettings::readFormat);

  /** Sampling as wished; null fields are the bundle's. */
  public record Wishes(
      @Nullable Double textTemperature,
      @Nullable Double textTopP,
      @Nullable Double textRepetitionPenalty,
      @Nullable Double speechTemperature,
      @Nullable Double speechTopP,
      @Nullable Double speechRepetitionPenalty,
      @Nullable Long seed,
      @Nullable Integer maximumNewPositions) {

    static final RecordFormat<Wishes> FORMAT =
        RecordFormat.of("sampling wishes", 1, Wishes::write, Wishes::read);

    public static final Wishes NONE = new Wishes(null, null, null, null, null, null, null, null);

    /** The same with another upper bound of an answer's positions. */
    Wishes withMaximumNewPositions(int most) {
      return new Wishes(
          textTemperature,
          textTopP,
          textRepetitionPenalty,
          speechTemperature,
          speechTopP,
          speechRepetitionPenalty,
          seed,
          most);
    }

    /** As the records tell it. */
    public io.antiphon.schemas.Sampling toRecord() {
      return new io.antiphon.schemas.Sampling(
          textTemperature,
          textTopP,
          textRepetitionPenalty,
          speechTemperature,
          speechTopP,
          speechRepetitionPenalty,
          seed,
          maximumNewPositions);
    }

    public Sampling text(Sampling standard) {
      return merge(standard, textTemperature, textTopP, textRepetitionPenalty);
    }

    public Sampling speech(Sampling standard) {
      return merge(standard, speechTemperature, speechTopP, speechRepetitionPenalty);
    }

    private static Sampling merge(
        Sampling standard,
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Double repetitionPenalty) {
      return new Sampling(
          temperature == null ? standard.temperature() : temperature,
          topP == null ? standard.topP() : topP,
          repetitionPenalty == null ? standard.repetitionPenalty() : repetitionPenalty);
    }

    private static void write(Wishes value, DataOutput out) throws IOException {
      putDouble(value.textTemperature, out);
      putDouble(value.textTopP, out);
      putDouble(value.textRepetitionPenalty, out);
      putDouble(value.speechTemperature, out);
      putDouble(value.speechTopP, out);
      putDouble(value.speechRepetitionPenalty, out);
      StateEncoding.writeOptional(value.seed, (seed, to) -> to.writeLong(seed), out);
      StateEncoding.writeOptional(value.maximumNewPositions, (most, to) -> to.writeInt(most), out);
    }

    private static Wishes read(int version, DataInput in) throws IOException {
      return new Wishes(
          getDouble(in),
          getDouble(in),
          getDouble(in),
          getDouble(in),
          getDouble(in),
          getDouble(in),
          StateEncoding.readOptional(DataInput::readLong, in),
          StateEncoding.readOptional(DataInput::readInt, in));
    }
  }

  public boolean speaks() {
    return mode == GenerationMode.SPEECH;
  }

  /** For an answer that is asked for in another way. */
  public ConversationSettings with(RequestedAnswer request) {
    return new ConversationSettings(
        tenant,
        request.mode() == null ? mode : request.mode(),
        instructions(instructions, request.instructions()),
        request.tools() == null ? tools : request.tools(),
        inputFormat,
        outputFormat,
        turns,
        false,
        request.voice() == null ? voice : request.voice(),
        request.maximumNewPositions() == null
            ? sampling
            : sampling.withMaximumNewPositions(request.maximumNewPositions()),
        toolChoice);
  }

  /** Those asked for, where some are; empty ones are none, and null leaves those of before. */
  public static @Nullable String instructions(@Nullable String before, @Nullable String asked) {
    if (asked == null) {
      return before;
    }
    return asked.isEmpty() ? null : asked;
  }

  /** What must be called in an answer: {@link #REQUIRED} or a tool's name; null leaves it open. */
  public @Nullable String toolChoice(@Nullable RequestedAnswer request) {
    String choice =
        request == null || request.toolChoice() == null ? toolChoice : request.toolChoice();
    boolean open = choice == null || choice.equals("auto") || choice.equals("none");
    return open || mode == GenerationMode.TRANSCRIBE ? null : choice;
  }

  /** The seed of every random number of the conversation. */
  public long seed(String conversation) {
    return sampling.seed() == null ? Seeds.of(conversation) : sampling.seed();
  }

  /** How ids are drawn, with nothing left to a default; speech only where the answers speak. */
  public Wishes drawing(String conversation, Manifest manifest) {
    Sampling text = sampling.text(manifest.sampling().text());
    Sampling speech = sampling.speech(manifest.sampling().speech());
    return new Wishes(
        text.temperature(),
        text.topP(),
        text.repetitionPenalty(),
        speaks() ? (Double) speech.temperature() : null,
        speaks() ? (Double) speech.topP() : null,
        speaks() ? (Double) speech.repetitionPenalty() : null,
        seed(conversation),
        maximumNewPositions(manifest));
  }

  public int maximumNewPositions(Manifest manifest) {
    return sampling.maximumNewPositions() == null
        ? manifest.sampling().maximumNewPositions()
        : sampling.maximumNewPositions();
  }

  private static void write(ConversationSettings value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.tenant, out);
    out.writeUTF(value.mode.name());
    StateEncoding.writeString(value.instructions, out);
    StateEncoding.writeList(value.tools, StateEncoding::writeString, out);
    AUDIO_FORMAT.put(value.inputFormat, out);
    AUDIO_FORMAT.put(value.outputFormat, out);
    TurnSettings.FORMAT.put(value.turns, out);
    out.writeBoolean(value.transcribeInput);
    StateEncoding.writeString(value.voice, out);
    Wishes.FORMAT.put(value.sampling, out);
    StateEncoding.writeString(value.toolChoice, out);
  }

  private static ConversationSettings read(int version, DataInput in) throws IOException {
    return new ConversationSettings(
        StateEncoding.readString(in),
        GenerationMode.valueOf(in.readUTF()),
        StateEncoding.readStringOrNull(in),
        StateEncoding.readListOrNull(StateEncoding::readString, in),
        AUDIO_FORMAT.get(in),
        AUDIO_FORMAT.get(in),
        TurnSettings.FORMAT.get(in),
        in.readBoolean(),
        StateEncoding.readString(in),
        Wishes.FORMAT.get(in),
        StateEncoding.readStringOrNull(in));
  }

  private static void writeFormat(AudioFormat value, DataOutput out) throws IOException {
    out.writeUTF(value.getEncoding());
    out.writeInt(value.getSampleRate());
  }

  private static AudioFormat readFormat(int version, DataInput in) throws IOException {
    return new AudioFormat(in.readUTF(), in.readInt(), 1);
  }

  private static void putDouble(@Nullable Double value, DataOutput out) throws IOException {
    StateEncoding.writeOptional(value, (each, to) -> to.writeDouble(each), out);
  }

  private static @Nullable Double getDouble(DataInput in) throws IOException {
    return StateEncoding.readOptional(DataInput::readDouble, in);
  }
}
