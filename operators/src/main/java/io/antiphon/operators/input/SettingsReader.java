package io.antiphon.operators.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.ConversationSettings.Wishes;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.PastItem;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.operators.message.ToolNames;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.runtime.SpeechSegmenter;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.HistoryItem;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a caller asks for, in ConversationStarted and later: all problems of an event at
 * once.
 */
final class SettingsReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHORTEST_SILENCE = 100;
  private static final int LONGEST_SILENCE = 10_000;
  private static final int LONGEST_PREFIX = 5_000;
  private static final int SHORTEST_IDLE = 1_000;
  private static final int LONGEST_IDLE = 600_000;

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

  private static final String NO_TOOLS = "none";
  private static final String AUTO = "auto";

  private final Supplier<Optional<List<String>>> voices;
  private final List<String> problems = new ArrayList<>();
  private boolean format;

  /**
   * @param voices names of the bundle's voices, none where it has one; absent where nothing of it
   *     can be heard
   */
  private SettingsReader(Supplier<Optional<List<String>>> voices) {
    this.voices = voices;
  }

  static ConversationSettings read(
      ConversationStarted started, Supplier<Optional<List<String>>> voices)
      throws RefusedException {
    SettingsReader reader = new SettingsReader(voices);
    ConversationSettings settings = reader.settings(started);
    history(started.getHistory(), reader.problems);
    return reader.good(
        settings,
        reader.format ? FailureCodes.UNSUPPORTED_AUDIO_FORMAT : FailureCodes.INVALID_SETTINGS);
  }

  /** The history that a conversation begins with, once it was read without problems. */
  static List<PastItem> history(ConversationStarted started) {
    return history(started.getHistory(), new ArrayList<>());
  }

  static ConversationSettings change(
      ConversationSettings before, SettingsChanged changed, Supplier<Optional<List<String>>> voices)
      throws RefusedException {
    SettingsReader reader = new SettingsReader(voices);
    ConversationSettings settings = reader.changed(before, changed);
    return reader.good(settings, FailureCodes.UNSUPPORTED_EVENT);
  }

  static RequestedAnswer request(AnswerRequested asked, Supplier<Optional<List<String>>> voices)
      throws RefusedException {
    SettingsReader reader = new SettingsReader(voices);
    reader.problems.addAll(UnservedParts.of(asked));
    List<String> tools = reader.tools(asked.getTools(), asked.getToolChoice());
    if (asked.getMode() == Mode.TRANSCRIPTION || asked.getMode() == Mode.UNKNOWN) {
      reader.problems.add(
          "mode is " + asked.getMode() + ", expected SPEECH_TO_SPEECH or SPEECH_TO_TEXT");
    }
    if (asked.getMaximumNewPositions() != null && asked.getMaximumNewPositions() < 1) {
      reader.problems.add(
          "maximumNewPositions is " + asked.getMaximumNewPositions() + ", expected at least 1");
    }
    return reader.good(
        new RequestedAnswer(
            asked.getTag(),
            asked.getOutOfBand(),
            asked.getInstructions(),
            tools,
            asked.getMode() == null ? null : reader.mode(asked.getMode()),
            asked.getMaximumNewPositions(),
            asked.getStyle() == null
                ? null
                : reader.voice("style.voice", asked.getStyle().getVoice()),
            asked.getInput() == null ? null : history(asked.getInput(), reader.problems),
            asked.getToolChoice()),
        FailureCodes.UNSUPPORTED_EVENT);
  }

  static PastItem item(HistoryItem item) throws RefusedException {
    SettingsReader reader = new SettingsReader(Optional::empty);
    PastItem read = item("item", item, reader.problems);
    return reader.good(read, FailureCodes.UNSUPPORTED_EVENT);
  }

  private <T> T good(T value, String code) throws RefusedException {
    if (!problems.isEmpty()) {
      throw new RefusedException(new Failure(code, String.join("; ", problems)));
    }
    return value;
  }

  private static List<PastItem> history(List<HistoryItem> items, List<String> problems) {
    List<PastItem> read = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      read.add(item("history[" + i + "]", items.get(i), problems));
    }
    return read;
  }

  private static PastItem item(String name, HistoryItem item, List<String> problems) {
    PastItem.Kind kind =
        switch (item.getKind() + " " + item.getRole()) {
          case "message system" -> PastItem.Kind.SYSTEM;
          case "message user" -> PastItem.Kind.USER;
          case "message assistant" -> PastItem.Kind.ASSISTANT;
          case "tool-call " -> PastItem.Kind.TOOL_CALL;
          case "tool-result " -> PastItem.Kind.TOOL_RESULT;
          default -> null;
        };
    if (kind == null) {
      problems.add(
          name
              + " has kind '"
              + item.getKind()
              + "' and role '"
              + item.getRole()
              + "', expected a message of system, user or assistant, a tool-call or a tool-result"
              + " without a role");
      kind = PastItem.Kind.USER; // refused all the same
    }
    if (kind == PastItem.Kind.TOOL_CALL) {
      if (item.getName() == null || item.getName().isEmpty()) {
        problems.add(name + ".name is empty, expected the tool's name");
      }
      object(name + ".text", item.getText(), problems);
    }
    return new PastItem(
        item.getItemId(), kind, item.getText(), item.getName() == null ? "" : item.getName());
  }

  private ConversationSettings changed(ConversationSettings before, SettingsChanged changed) {
    problems.addAll(UnservedParts.of(changed));
    if (changed.getMode() != null
        && (changed.getMode() == Mode.TRANSCRIPTION)
            != (before.mode() == GenerationMode.TRANSCRIBE)) {
      problems.add("mode cannot change to or from TRANSCRIPTION");
    }
    GenerationMode mode = changed.getMode() == null ? before.mode() : mode(changed.getMode());
    List<String> tools = tools(changed.getTools(), changed.getToolChoice());
    return new ConversationSettings(
        before.tenant(),
        mode,
        ConversationSettings.instructions(before.instructions(), changed.getInstructions()),
        tools == null ? before.tools() : tools,
        before.inputFormat(),
        before.outputFormat(),
        changed.getTurnDetection() == null
            ? before.turns()
            : turns(changed.getTurnDetection(), mode),
        changed.getTranscribeInput() == null
            ? before.transcribeInput()
            : changed.getTranscribeInput(),
        changed.getStyle() == null
            ? before.voice()
            : bundleVoice(voice("style.voice", changed.getStyle().getVoice())),
        changed.getSampling() == null ? before.sampling() : wishes(changed.getSampling()),
        changed.getToolChoice() == null ? before.toolChoice() : changed.getToolChoice());
  }

  private GenerationMode mode(Mode asked) {
    return switch (asked) {
      case SPEECH_TO_SPEECH -> {
        if (voices.get().isEmpty()) {
          problems.add(
              "mode is SPEECH_TO_SPEECH, expected SPEECH_TO_TEXT: the bundle has no detokenizer, so"
                  + " none of its answers can be heard");
        }
        yield GenerationMode.SPEECH;
      }
      case SPEECH_TO_TEXT -> GenerationMode.TEXT;
      case TRANSCRIPTION -> GenerationMode.TRANSCRIBE;
      case UNKNOWN -> {
        problems.add("mode came with a later release than this one");
        yield GenerationMode.SPEECH;
      }
    };
  }

  private ConversationSettings settings(ConversationStarted started) {
    formats(started);
    problems.addAll(UnservedParts.of(started));
    GenerationMode mode = mode(started.getMode());
    String voice = bundleVoice(voice(started));
    return new ConversationSettings(
        started.getTenant(),
        mode,
        ConversationSettings.instructions(null, started.getInstructions()),
        tools(started.getTools(), started.getToolChoice()),
        started.getInputFormat(),
        started.getOutputFormat(),
        turns(started.getTurnDetection(), mode),
        started.getTranscribeInput(),
        voice,
        wishes(started.getSampling()),
        started.getToolChoice());
  }

  private @Nullable String voice(ConversationStarted started) {
    String style = started.getStyle() == null ? null : started.getStyle().getVoice();
    if (started.getVoice() != null && style != null) {
      problems.add("voice and style.voice are both given, expected one of the two");
    }
    return started.getVoice() == null
        ? voice("style.voice", style)
        : voice("voice", started.getVoice());
  }

  /** The name, checked; null where nobody is named. */
  private @Nullable String voice(String setting, @Nullable String name) {
    if (name == null) {
      return null;
    }
    List<String> known = voices.get().orElse(List.of());
    if (!known.contains(name)) {
      problems.add(
          setting
              + " is '"
              + name
              + "', expected "
              + (known.isEmpty()
                  ? "null: the bundle has one voice"
                  : "one of " + String.join(", ", known)));
    }
    return name;
  }

  private static String bundleVoice(@Nullable String name) {
    return name == null ? "" : name;
  }

  private void formats(ConversationStarted started) {
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

  /** Null where nothing is said of tools. */
  private @Nullable List<String> tools(@Nullable List<String> signatures, @Nullable String choice) {
    if (signatures != null) {
      int before = problems.size();
      for (int i = 0; i < signatures.size(); i++) {
        object("tools[" + i + "]", signatures.get(i), problems);
      }
      // Of the bundle's own tools nothing is known here: the answer tells.
      if (choice != null && problems.size() == before) {
        choice(choice, ToolNames.of(signatures));
      }
    }
    if (NO_TOOLS.equals(choice)) {
      return List.of();
    }
    return signatures == null ? null : List.copyOf(signatures);
  }

  private void choice(String choice, Set<String> names) {
    boolean known =
        switch (choice) {
          case AUTO, NO_TOOLS -> true;
          case ConversationSettings.REQUIRED -> !names.isEmpty();
          default -> names.contains(choice);
        };
    if (!known) {
      problems.add(
          "toolChoice is '"
              + choice
              + "', expected auto, none, required or a name of the tools "
              + names);
    }
  }

  private static void object(String name, String text, List<String> problems) {
    try {
      JsonNode tool = JSON.readTree(text);
      if (!tool.isObject()) {
        problems.add(name + " is no JSON object");
      }
    } catch (JsonProcessingException e) {
      problems.add(name + " is no JSON: " + e.getOriginalMessage());
    }
  }

  private TurnSettings turns(TurnDetection detection, GenerationMode mode) {
    if (mode == GenerationMode.TRANSCRIBE && !detection.getAnswersTurns()) {
      problems.add("turnDetection.answersTurns is false, expected true for TRANSCRIPTION");
    }
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
      return detection.getAnswersTurns() ? TurnSettings.MANUAL : TurnSettings.MANUAL_UNANSWERED;
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
        detection.getInterruptsAnswer(),
        detection.getAnswersTurns(),
        idleTimeout(detection),
        unfinishedSilence(detection));
  }

  private int unfinishedSilence(TurnDetection detection) {
    if (detection.getUnfinishedSilenceMillis() == null) {
      return 0;
    }
    within(
        "turnDetection.unfinishedSilenceMillis",
        detection.getUnfinishedSilenceMillis(),
        Math.min(LONGEST_SILENCE, Math.max(SHORTEST_SILENCE, detection.getSilenceMillis())),
        LONGEST_SILENCE);
    return detection.getUnfinishedSilenceMillis();
  }

  private int idleTimeout(TurnDetection detection) {
    if (detection.getIdleTimeoutMillis() == null) {
      return 0;
    }
    within(
        "turnDetection.idleTimeoutMillis",
        detection.getIdleTimeoutMillis(),
        SHORTEST_IDLE,
        LONGEST_IDLE);
    return detection.getIdleTimeoutMillis();
  }

  private void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      problems.add(name + " is " + value + ", expected " + least + " to " + most);
    }
  }

  private Wishes wishes(io.antiphon.schemas.Sampling asked) {
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
