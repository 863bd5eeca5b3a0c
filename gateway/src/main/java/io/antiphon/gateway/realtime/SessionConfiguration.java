package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.schemas.Mode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session's whole effective configuration. What a client may write but is not served (tracing,
 * truncation, noise reduction ...) is kept as written, so that it reads back what it wrote.
 *
 * @param maximumOutputTokens null for "inf"
 * @param transcription as written, null for none
 * @param untouched fields that are only read back, by name
 */
record SessionConfiguration(
    boolean transcriptionOnly,
    String model,
    String instructions,
    boolean audioOutput,
    AudioType inputFormat,
    AudioType outputFormat,
    String voice,
    TurnDetection turnDetection,
    @Nullable JsonNode transcription,
    Tools tools,
    ToolChoice toolChoice,
    @Nullable Integer maximumOutputTokens,
    JsonNode noiseReduction,
    Map<String, JsonNode> untouched) {

  static final String DEFAULT_VOICE = "marin";

  /** No other is served. */
  private static final double SPEED = 1.0;

  private static final int MOST_TOKENS = 1 << 20;
  private static final List<String> MODALITIES = List.of("text", "audio");
  private static final List<String> UNTOUCHED =
      List.of("tracing", "truncation", "prompt", "include");

  SessionConfiguration {
    untouched = Map.copyOf(untouched);
  }

  static SessionConfiguration realtime(String model) {
    return new SessionConfiguration(
        false,
        model,
        "",
        true,
        AudioType.PCM,
        AudioType.PCM,
        DEFAULT_VOICE,
        TurnDetection.SERVER_VAD,
        null,
        Tools.UNWRITTEN,
        ToolChoice.AUTO,
        null,
        NullNode.instance,
        Map.of());
  }

  static SessionConfiguration transcription(String model) {
    ObjectNode transcription = JsonNodeFactory.instance.objectNode().put("model", model);
    SessionConfiguration base = realtime(model);
    return new SessionConfiguration(
        true,
        base.model,
        base.instructions,
        false,
        base.inputFormat,
        base.outputFormat,
        base.voice,
        base.turnDetection,
        transcription,
        base.tools,
        base.toolChoice,
        base.maximumOutputTokens,
        base.noiseReduction,
        base.untouched);
  }

  /**
   * What a {@code session} object changes.
   *
   * @throws RealtimeException with the field at fault; nothing has changed then
   */
  SessionConfiguration with(Parameters given) throws RealtimeException {
    Optional<String> type = given.choice("type", List.of("realtime", "transcription"));
    boolean transcribing = type.map("transcription"::equals).orElse(transcriptionOnly);
    if (transcribing != transcriptionOnly) {
      throw given.invalid(
          "type",
          "Passing a "
              + type.orElseThrow()
              + " session update event to a "
              + (transcriptionOnly ? "transcription" : "realtime")
              + " session is not allowed.");
    }
    Optional<Parameters> audio = given.object("audio");
    Optional<Parameters> input = audio.isPresent() ? audio.get().object("input") : Optional.empty();
    Optional<Parameters> output =
        audio.isPresent() ? audio.get().object("output") : Optional.empty();
    if (output.isPresent() && output.get().decimal("speed", 0.25, 1.5).orElse(SPEED) != SPEED) {
      throw output
          .get()
          .invalid(
              "speed",
              "Invalid value: "
                  + output.get().raw("speed")
                  + ". Answers are spoken at the voice's own speed; expected "
                  + SPEED
                  + ".");
    }
    Map<String, JsonNode> kept = new java.util.LinkedHashMap<>(untouched);
    for (String name : UNTOUCHED) {
      if (given.has(name)) {
        kept.put(name, given.raw(name));
      }
    }
    return new SessionConfiguration(
        transcriptionOnly,
        given.text("model").orElse(model),
        given.isNull("instructions") ? "" : given.text("instructions").orElse(instructions),
        transcriptionOnly ? false : modalities(given, "output_modalities").orElse(audioOutput),
        format(input).orElse(inputFormat),
        format(output).orElse(outputFormat),
        output.isPresent() ? voice(output.get()).orElse(voice) : voice,
        detection(input),
        transcription(input),
        given.has("tools") ? Tools.read("tools", given) : tools,
        ToolChoice.read("tool_choice", given).orElse(toolChoice),
        given.has("max_output_tokens") ? tokens(given, "max_output_tokens") : maximumOutputTokens,
        input.isPresent() && input.get().has("noise_reduction")
            ? input.get().raw("noise_reduction")
            : noiseReduction,
        kept);
  }

  /** The same with other formats. */
  SessionConfiguration withFormats(AudioType input, AudioType output) {
    return new SessionConfiguration(
        transcriptionOnly,
        model,
        instructions,
        audioOutput,
        input,
        output,
        voice,
        turnDetection,
        transcription,
        tools,
        toolChoice,
        maximumOutputTokens,
        noiseReduction,
        untouched);
  }

  private static Optional<AudioType> format(Optional<Parameters> side) throws RealtimeException {
    if (side.isEmpty()) {
      return Optional.empty();
    }
    Optional<Parameters> format = side.get().object("format");
    return format.isEmpty() ? Optional.empty() : Optional.of(AudioType.read(format.get()));
  }

  /** A name, or an object with the id of a voice of one's own. */
  private static Optional<String> voice(Parameters output) throws RealtimeException {
    if (output.raw("voice").isObject()) {
      return Optional.of(output.requiredObject("voice").requiredText("id"));
    }
    return output.text("voice");
  }

  private TurnDetection detection(Optional<Parameters> input) throws RealtimeException {
    if (input.isEmpty() || !input.get().has("turn_detection")) {
      return turnDetection;
    }
    if (input.get().isNull("turn_detection")) {
      return TurnDetection.NONE;
    }
    return TurnDetection.read(input.get().requiredObject("turn_detection"), turnDetection);
  }

  private @Nullable JsonNode transcription(Optional<Parameters> input) throws RealtimeException {
    if (input.isEmpty() || !input.get().has("transcription")) {
      return transcription;
    }
    Optional<Parameters> asked = input.get().object("transcription");
    return asked.isEmpty() ? null : input.get().raw("transcription");
  }

  /** Whether audio is among the modalities that are asked for; empty where none are. */
  static Optional<Boolean> modalities(Parameters given, String name) throws RealtimeException {
    JsonNode raw = given.raw(name);
    if (raw.isMissingNode() || raw.isNull()) {
      return Optional.empty();
    }
    if (!raw.isArray() || raw.isEmpty()) {
      throw given.value(name, raw.toString(), MODALITIES);
    }
    boolean audio = false;
    for (JsonNode modality : raw) {
      if (!modality.isTextual() || !MODALITIES.contains(modality.textValue())) {
        throw given.value(name, modality.asText(), MODALITIES);
      }
      audio |= modality.textValue().equals("audio");
    }
    return Optional.of(audio);
  }

  /** A number of tokens; null for "inf". */
  static @Nullable Integer tokens(Parameters given, String name) throws RealtimeException {
    JsonNode raw = given.raw(name);
    if (raw.isTextual()) {
      given.choice(name, List.of("inf"));
      return null;
    }
    return given.integer(name, 1, MOST_TOKENS).isPresent() ? raw.intValue() : null;
  }

  /**
   * What the conversation is asked to be.
   *
   * @param voices names that the bundle knows; any other leaves the bundle its own
   */
  ConversationRequest settings(
      String tenant, List<String> voices, AudioType input, AudioType output) {
    return new ConversationRequest(
        tenant,
        transcriptionOnly
            ? Mode.TRANSCRIPTION
            : audioOutput ? Mode.SPEECH_TO_SPEECH : Mode.SPEECH_TO_TEXT,
        instructions.isBlank() ? null : instructions,
        transcriptionOnly || !tools.asked() ? null : tools.signatures(),
        // Clients may choose first and write the tools with their next event.
        (toolChoice.allowedBy(tools) ? toolChoice : ToolChoice.AUTO).name(),
        input.format(),
        output.format(),
        voices.contains(voice) ? voice : null,
        positions(maximumOutputTokens, audioOutput),
        null,
        turnDetection.turnTaking(),
        transcription != null && !transcriptionOnly,
        Map.of(),
        List.of());
  }

  /**
   * Positions of the model that hold so many tokens as {@code usage} counts them: with speech each
   * has one of text and five of speech.
   */
  static @Nullable Integer positions(@Nullable Integer tokens, boolean speaks) {
    if (tokens == null) {
      return null;
    }
    return speaks ? Math.max(1, (tokens + 5) / 6) : tokens;
  }

  /** The session as the client reads it. */
  ObjectNode write(String sessionId, long expiresAt) {
    ObjectNode session = JsonNodeFactory.instance.objectNode();
    session
        .put("type", transcriptionOnly ? "transcription" : "realtime")
        .put("object", transcriptionOnly ? "realtime.transcription_session" : "realtime.session")
        .put("id", sessionId);
    if (!transcriptionOnly) {
      session.put("model", model);
      session.putArray("output_modalities").add(audioOutput ? "audio" : "text");
      session.put("instructions", instructions);
      session.set("tools", tools.written());
      session.set("tool_choice", Wire.JSON.valueToTree(toolChoice.written()));
      if (maximumOutputTokens == null) {
        session.put("max_output_tokens", "inf");
      } else {
        session.put("max_output_tokens", maximumOutputTokens);
      }
      session.set("tracing", untouched.getOrDefault("tracing", NullNode.instance));
      session.set(
          "truncation",
          untouched.getOrDefault("truncation", JsonNodeFactory.instance.textNode("auto")));
      session.set("prompt", untouched.getOrDefault("prompt", NullNode.instance));
    }
    session.put("expires_at", expiresAt);
    session.set("include", untouched.getOrDefault("include", NullNode.instance));
    ObjectNode audio = session.putObject("audio");
    ObjectNode input = audio.putObject("input");
    inputFormat.write(input);
    input.set("transcription", transcription == null ? NullNode.instance : transcription);
    input.set("noise_reduction", noiseReduction);
    turnDetection.write(input);
    if (!transcriptionOnly) {
      ObjectNode output = audio.putObject("output");
      outputFormat.write(output);
      output.put("voice", voice).put("speed", SPEED);
    }
    return session;
  }
}
