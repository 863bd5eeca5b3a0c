package io.antiphon.operators.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.ConversationSettings.Wishes;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.runtime.SpeechSegmenter;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.util.ArrayList;
import java.util.List;

/** Checks what a ConversationStarted asks for: all problems at once. */
final class SettingsReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHORTEST_SILENCE = 100;
  private static final int LONGEST_SILENCE = 10_000;
  private static final int LONGEST_PREFIX = 5_000;

  /** What cannot be offered. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    RefusedException(Failure failure) {
      super(failure.message());
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }

  private final ConversationStarted started;
  private final List<String> problems = new ArrayList<>();
  private boolean format;

  private SettingsReader(ConversationStarted started) {
    this.started = started;
  }

  static ConversationSettings read(ConversationStarted started) throws RefusedException {
    SettingsReader reader = new SettingsReader(started);
    ConversationSettings settings = reader.settings();
    if (!reader.problems.isEmpty()) {
      throw new RefusedException(
          new Failure(
              reader.format ? FailureCodes.UNSUPPORTED_AUDIO_FORMAT : FailureCodes.INVALID_SETTINGS,
              String.join("; ", reader.problems)));
    }
    return settings;
  }

  private ConversationSettings settings() {
    formats();
    tools();
    problems.addAll(UnservedParts.of(started));
    if (started.getVoice() != null) {
      problems.add(
          "voice is '" + started.getVoice() + "', expected null: the bundle has one voice");
    }
    return new ConversationSettings(
        started.getTenant(),
        switch (started.getMode()) {
          case SPEECH_TO_SPEECH -> GenerationMode.SPEECH;
          case SPEECH_TO_TEXT -> GenerationMode.TEXT;
          case TRANSCRIPTION -> GenerationMode.TRANSCRIBE;
          case UNKNOWN -> {
            problems.add("mode came with a later release than this one");
            yield GenerationMode.SPEECH;
          }
        },
        started.getInstructions(),
        started.getTools() == null ? null : List.copyOf(started.getTools()),
        started.getInputFormat(),
        started.getOutputFormat(),
        turns(started.getTurnDetection()),
        started.getTranscribeInput(),
        wishes());
  }

  private void formats() {
    try {
      AudioDecoder.of(started.getInputFormat());
    } catch (UnsupportedAudioFormatException e) {
      format = true;
      problems.add("inputFormat: " + e.getMessage());
    }
    try {
      AudioEncoder.of(started.getOutputFormat());
    } catch (UnsupportedAudioFormatException e) {
      format = true;
      problems.add("outputFormat: " + e.getMessage());
    }
  }

  private void tools() {
    if (started.getTools() == null) {
      return;
    }
    for (int i = 0; i < started.getTools().size(); i++) {
      try {
        JsonNode tool = JSON.readTree(started.getTools().get(i));
        if (!tool.isObject()) {
          problems.add("tools[" + i + "] is no JSON object");
        }
      } catch (JsonProcessingException e) {
        problems.add("tools[" + i + "] is no JSON: " + e.getOriginalMessage());
      }
    }
  }

  private TurnSettings turns(TurnDetection detection) {
    TurnSettings.Type type =
        switch (detection.getType()) {
          case "manual" -> TurnSettings.Type.MANUAL;
          case "silence" -> TurnSettings.Type.SILENCE;
          case "speech" -> TurnSettings.Type.SPEECH;
          default -> null;
        };
    if (type == null) {
      problems.add(
          "turnDetection.type is '"
              + detection.getType()
              + "', expected 'manual', 'silence' or 'speech'");
      return TurnSettings.MANUAL;
    }
    if (type == TurnSettings.Type.MANUAL) {
      return TurnSettings.MANUAL;
    }
    within(
        "turnDetection.silenceMillis",
        detection.getSilenceMillis(),
        SHORTEST_SILENCE,
        LONGEST_SILENCE);
    within("turnDetection.prefixMillis", detection.getPrefixMillis(), 0, LONGEST_PREFIX);
    double threshold =
        detection.getThreshold() == null
            ? SpeechSegmenter.DEFAULT_THRESHOLD
            : detection.getThreshold();
    if (!(threshold > 0 && threshold < 1)) {
      problems.add(
          "turnDetection.threshold is " + threshold + ", expected more than 0 and less than 1");
    }
    return new TurnSettings(
        type,
        detection.getSilenceMillis(),
        threshold,
        detection.getPrefixMillis(),
        detection.getInterruptsAnswer());
  }

  private void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      problems.add(name + " is " + value + ", expected " + least + " to " + most);
    }
  }

  private Wishes wishes() {
    io.antiphon.schemas.Sampling asked = started.getSampling();
    if (asked == null) {
      return Wishes.NONE;
    }
    Wishes wishes =
        new Wishes(
            asked.getTextTemperature(),
            asked.getTextTopP(),
            asked.getTextRepetitionPenalty(),
            asked.getSpeechTemperature(),
            asked.getSpeechTopP(),
            asked.getSpeechRepetitionPenalty(),
            asked.getSeed(),
            asked.getMaximumNewPositions());
    try {
      wishes.text(Sampling.GREEDY);
    } catch (ConfigurationException e) {
      e.problems().forEach(problem -> problems.add("sampling, text: " + problem));
    }
    try {
      wishes.speech(Sampling.GREEDY);
    } catch (ConfigurationException e) {
      e.problems().forEach(problem -> problems.add("sampling, speech: " + problem));
    }
    if (wishes.maximumNewPositions() != null && wishes.maximumNewPositions() < 1) {
      problems.add(
          "sampling.maximumNewPositions is "
              + wishes.maximumNewPositions()
              + ", expected at least 1");
    }
    return wishes;
  }
}
