package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.serde.TurnRecords;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two conversations with everything that there is in conversations, and what a reader keeps. */
final class Story {
  static final FakeModel MODEL =
      prompt ->
          prompt.startsWith("S:transcribe")
              ? "transcript of " + prompt.length()
              : prompt.contains("call me") && !prompt.contains("R:")
                  ? "<call>{\"name\": \"x\", \"arguments\": {}}</call>"
                  : "answer to " + prompt.hashCode();

  private Story() {}

  static List<InboundRecord> records() {
    Script script = new Script("c");
    Script other = new Script("d");
    return List.of(
        script.event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setTranscribeInput(true)
                .setTools(List.of("{\"name\": \"x\", \"parameters\": {}}"))
                .build()),
        other.event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setOutputFormat(Script.format("opus", 24000))
                .build()),
        script.audio(1500),
        other.text("hello"),
        script.audio(2700),
        script.ended(),
        script.audio(900),
        other.audio(600),
        script.ended(),
        other.ended(),
        script.text("call me"),
        script.result("call-2-0", "done"),
        script.result("unknown", "done"),
        script.text("thanks"));
  }

  /** What a reader keeps: every record once, by its identity. */
  static Map<String, String> kept(List<Chain> lives) {
    Map<String, String> records = new TreeMap<>();
    for (Chain chain : lives) {
      for (TextResponse text : chain.text) {
        add(
            records,
            "text " + text.getConversationId() + " " + text.getTurn() + " " + text.getSequence(),
            body(text));
      }
      for (CompletedTurn turn : chain.completedTurns) {
        add(
            records,
            "turn " + turn.getConversationId() + " " + turn.getTurn(),
            turn.getQuestionType()
                + turn.getQuestion()
                + turn.getToolCalls()
                + turn.getFailure()
                + turn.getModel()
                + turn.getSampling()
                + turn.getTextIds()
                + turn.getSpeechIds()
                + body(TurnRecords.answer(turn)));
      }
      for (SpeechResponse piece : chain.speech) {
        add(
            records,
            "speech "
                + piece.getConversationId()
                + " "
                + piece.getTurn()
                + " "
                + piece.getSequence(),
            piece.getOffsetMillis() + " " + piece.getLast() + " " + piece.getBytes().hashCode());
      }
    }
    return records;
  }

  private static void add(Map<String, String> records, String identity, String record) {
    String before = records.put(identity, record);
    assertThat(before == null || before.equals(record))
        .as("a record that came twice is the same: " + identity)
        .isTrue();
  }

  private static String body(TextResponse text) {
    return text.getBody() instanceof TurnCompleted completed
        ? body(completed)
        : text.getBody().toString();
  }

  private static String body(TurnCompleted completed) {
    return completed.getText()
        + completed.getFinishReason()
        + completed.getUsage()
        + completed.getAudioMillis();
  }
}
