package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain that dies anywhere and is restored says the same as one that never died. */
class RecoveryTest {
  @TempDir static Path directory;
  private static Bundle bundle;

  private static final FakeModel MODEL =
      prompt ->
          prompt.startsWith("S:transcribe")
              ? "transcript of " + prompt.length()
              : prompt.contains("call me") && !prompt.contains("R:")
                  ? "<call>{\"name\": \"x\", \"arguments\": {}}</call>"
                  : "answer to " + prompt.hashCode();

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  private static List<InboundRecord> story() {
    Script script = new Script("c");
    Script other = new Script("d");
    return List.of(
        script.event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setTranscribeInput(true)
                .setTools(List.of())
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
  private static Map<String, String> kept(List<Chain> lives) {
    Map<String, String> records = new TreeMap<>();
    for (Chain chain : lives) {
      for (TextResponse text : chain.text) {
        add(
            records,
            "text " + text.getConversationId() + " " + text.getTurn() + " " + text.getSequence(),
            body(text));
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
    if (text.getBody() instanceof TurnCompleted completed) {
      return completed.getText()
          + completed.getFinishReason()
          + completed.getUsage()
          + completed.getAudioMillis();
    }
    return text.getBody().toString();
  }

  @Test
  void theSameWhereverItDies() throws Exception {
    List<InboundRecord> story = story();
    Map<String, String> undisturbed;
    try (Chain chain = Chain.open(bundle, MODEL)) {
      chain.send(story.toArray(InboundRecord[]::new)).settle();
      undisturbed = kept(List.of(chain));
      assertThat(chain.answers()).hasSize(7);
    }
    assertThat(undisturbed).hasSizeGreaterThan(100);
    for (int pieces = 0; pieces < 400; pieces += 19) {
      assertThat(kept(dying(story, story.size(), pieces)))
          .as("after " + pieces + " pieces of work")
          .isEqualTo(undisturbed);
    }
    for (int sent = 0; sent < story.size(); sent++) {
      assertThat(kept(dying(story, sent, 5)))
          .as("after " + sent + " records")
          .isEqualTo(undisturbed);
    }
  }

  /** Snapshot after so many records and pieces of work, some more work that is lost, restore. */
  private static List<Chain> dying(List<InboundRecord> story, int sent, int pieces)
      throws Exception {
    Chain first = Chain.open(bundle, MODEL);
    first.send(story.subList(0, sent).toArray(InboundRecord[]::new)).work(pieces);
    List<OperatorSubtaskState> states = first.snapshot();
    first.work(11);
    first.close();
    Chain second = Chain.restore(bundle, MODEL, states);
    second.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
    second.close();
    return List.of(first, second);
  }

  @Test
  void afterACheckpointTheSameLifeGoesOn() throws Exception {
    try (Chain chain = Chain.open(bundle, MODEL);
        Chain checked = Chain.open(bundle, MODEL)) {
      List<InboundRecord> story = story();
      chain.send(story.toArray(InboundRecord[]::new)).settle();
      for (InboundRecord record : story) {
        checked.send(record).work(3);
        checked.snapshot();
      }
      checked.settle();
      assertThat(kept(List.of(checked))).isEqualTo(kept(List.of(chain)));
    }
  }

  @Test
  void theSameFromRocksDb() throws Exception {
    List<InboundRecord> story = story();
    Map<String, String> undisturbed;
    try (Chain chain = Chain.open(bundle, MODEL)) {
      undisturbed = kept(List.of(chain.send(story.toArray(InboundRecord[]::new)).settle()));
    }
    Chain first = Chain.inRocksDb(bundle, MODEL, null);
    first.send(story.subList(0, 9).toArray(InboundRecord[]::new)).work(40);
    List<OperatorSubtaskState> states = first.snapshot();
    first.close();
    Chain second = Chain.inRocksDb(bundle, MODEL, states);
    second.send(story.subList(9, story.size()).toArray(InboundRecord[]::new)).settle();
    second.close();
    assertThat(kept(List.of(first, second))).isEqualTo(undisturbed);
  }

  @Test
  void timersAndOrderSurvive() throws Exception {
    Script script = new Script("c");
    Chain first = Chain.open(bundle, MODEL);
    first.play(script.started(Mode.SPEECH_TO_TEXT));
    script.skip(1);
    first.play(script.text("x"));
    List<OperatorSubtaskState> states = first.snapshot();
    first.close();
    try (Chain second = Chain.restore(bundle, MODEL, states)) {
      assertThat(second.answers()).isEmpty();
      second.advance(Duration.ofMillis(600));
      assertThat(second.failures()).containsExactly(FailureCodes.SEQUENCE_GAP);
      assertThat(second.answers()).hasSize(1);
      second.advance(Duration.ofSeconds(61));
      assertThat(second.failures()).last().isEqualTo(FailureCodes.IDLE_TIMEOUT);
      assertThat(second.kept()).isZero();
      assertThat(second.host.open).isEmpty();
    }
  }
}
