package io.antiphon.cli;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a conversation of the command line is started. */
final class ConversationOptions {
  /** Names of the modes on the command line and in manifests. */
  static final Map<String, Mode> MODES =
      Map.of(
          "speech", Mode.SPEECH_TO_SPEECH,
          "text", Mode.SPEECH_TO_TEXT,
          "transcription", Mode.TRANSCRIPTION);

  static final String MODE_EXPECTATION = "speech, text or transcription";

  private ConversationOptions() {}

  /**
   * @throws InputException for another name
   */
  static Mode mode(String name, String origin) {
    Mode mode = MODES.get(name);
    if (mode == null) {
      throw new InputException(origin + " is \"" + name + "\"; expected " + MODE_EXPECTATION);
    }
    return mode;
  }

  /** The first event; the answer's speech is asked for as the client reads it, 24 kHz pcm16. */
  static ConversationStarted start(
      Mode mode,
      AudioFormat input,
      Optional<String> instructions,
      Optional<List<String>> tools,
      Optional<String> voice,
      boolean transcribe) {
    return ConversationStarted.newBuilder()
        .setMode(mode)
        .setInputFormat(input)
        .setOutputFormat(
            AudioFormat.newBuilder().setEncoding("pcm16").setSampleRate(24_000).build())
        .setInstructions(instructions.orElse(null))
        .setTools(tools.orElse(null))
        .setVoice(voice.orElse(null))
        .setTranscribeInput(transcribe)
        .build();
  }
}
