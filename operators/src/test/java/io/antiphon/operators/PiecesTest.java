package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.dialogue.PlayedAnswer;
import io.antiphon.operators.dialogue.ToolCallScanner;
import io.antiphon.operators.input.LevelTurnDetector;
import io.antiphon.operators.input.SpeechTurnDetector;
import io.antiphon.operators.input.TurnDetector;
import io.antiphon.operators.message.Seeds;
import io.antiphon.operators.message.TurnSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The collaborators that work piece by piece give the same however it is cut. */
class PiecesTest {
  @Test
  void toolCallsAreFoundInAnyPieces() {
    String text =
        "a < b <call>{\"name\": \"f\", \"arguments\": {\"x\": \"<c\"}}</call> and <cal"
            + "<call>{\"name\":\"g\"}</call><c";
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      ToolCallScanner scanner = new ToolCallScanner("<call>", "</call>");
      StringBuilder shown = new StringBuilder();
      for (int at = 0; at < text.length(); ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(9));
        shown.append(scanner.append(text.substring(at, end)));
        at = end;
      }
      shown.append(scanner.finish());
      assertThat(shown.toString()).isEqualTo("a < b  and <cal<c");
      assertThat(scanner.problem()).isNull();
      assertThat(scanner.calls())
          .containsExactly(
              new ToolCallScanner.Call("f", "{\"x\":\"<c\"}"), new ToolCallScanner.Call("g", "{}"));
    }
  }

  static List<Supplier<TurnDetector>> detectors() {
    TurnSettings speech =
        new TurnSettings(TurnSettings.Type.SPEECH, 500, 0.5, 200, false, true, 0, 0);
    return List.of(
        () -> new LevelTurnDetector(500),
        () -> new SpeechTurnDetector(LevelDetector.INSTANCE, speech, Duration.ofMillis(200)));
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void turnsAreFoundInAnyPiecesAndAcrossSnapshots(Supplier<TurnDetector> detectors)
      throws Exception {
    float[] audio = new float[16000 * 6];
    for (int i = 0; i < audio.length; i++) {
      boolean speech = (i > 16000 && i < 30000) || (i > 60000 && i < 70000);
      audio[i] = speech ? (float) (0.2 * Math.sin(i * 0.2)) : 0;
    }
    List<List<Float>> whole = turns(detectors, audio, new Random(0), audio.length);
    assertThat(whole).hasSize(2);
    for (int seed = 1; seed < 20; seed++) {
      assertThat(turns(detectors, audio, new Random(seed), 2500)).isEqualTo(whole);
    }
  }

  private static List<List<Float>> turns(
      Supplier<TurnDetector> detectors, float[] audio, Random random, int longest)
      throws Exception {
    List<List<Float>> turns = new ArrayList<>();
    List<Float> present = new ArrayList<>();
    TurnDetector.Listener listener =
        new TurnDetector.Listener() {
          @Override
          public void quiet(long millis) {
            // Not asked for.
          }

          @Override
          public void speech(float[] samples) {
            for (float sample : samples) {
              present.add(sample);
            }
          }

          @Override
          public void speechStarted(long millis) {}

          @Override
          public void speechLasted() {}

          @Override
          public void paused(float[] turn) {
            throw new AssertionError("no turn of these is judged");
          }

          @Override
          public void speechStopped(long millis) {}

          @Override
          public void turnEnded(long beganMillis, long millis) {
            turns.add(List.copyOf(present));
            present.clear();
          }
        };
    TurnDetector detector = detectors.get();
    for (int at = 0; at < audio.length; ) {
      int end = Math.min(audio.length, at + 1 + random.nextInt(longest));
      detector.append(Arrays.copyOfRange(audio, at, end), listener);
      at = end;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      detector.save(new DataOutputStream(bytes));
      detector = detectors.get();
      detector.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }
    return turns;
  }

  @Test
  void whatWasHeardEndsWithAWord() {
    PlayedAnswer answer = new PlayedAnswer(0, "one two three", 0, 1300, true, null);
    assertThat(answer.heard(-1, "<call>", "</call>")).isEqualTo("one two three");
    assertThat(answer.heard(0, "<call>", "</call>")).isEmpty();
    assertThat(answer.heard(200, "<call>", "</call>")).isEmpty();
    assertThat(answer.heard(400, "<call>", "</call>")).isEqualTo("one");
    assertThat(answer.heard(799, "<call>", "</call>")).isEqualTo("one two");
    assertThat(answer.heard(1300, "<call>", "</call>")).isEqualTo("one two three");
    assertThat(
            new PlayedAnswer(0, "one two three", 0, 1300, false, null)
                .heard(0, "<call>", "</call>"))
        .isEqualTo("one two three");
  }

  @Test
  void seedsNeverChange() {
    assertThat(Seeds.of("")).isEqualTo(-780787492076525413L);
    assertThat(Seeds.of("conversation-1")).isNotEqualTo(Seeds.of("conversation-2"));
  }

  @Test
  void aTextWithoutSpacesIsCutBetweenCharacters() {
    PlayedAnswer answer =
        new PlayedAnswer(
            0, "\u6cd5\u56fd\u7684\u9996\u90fd\u662f\u5df4\u9ece\u3002", 0, 900, true, null);
    assertThat(answer.heard(450, "<call>", "</call>")).isEqualTo("\u6cd5\u56fd\u7684\u9996");
    String faces = "\ud83d\udc4d\ud83c\udffd".repeat(4);
    for (int millis = 0; millis < 800; millis += 50) {
      assertThat(
              new PlayedAnswer(0, faces + " x", 0, 800, true, null)
                  .heard(millis, "<call>", "</call>"))
          .as("played " + millis)
          .isIn("", faces);
    }
  }

  @Test
  void aCallIsNeverCutInHalf() {
    String text = "Let me look. <call>{\"name\": \"balance\"}</call> One moment.";
    PlayedAnswer answer = new PlayedAnswer(0, text, 0, 1000, true, null);
    for (int millis = 0; millis < 1000; millis += 20) {
      assertThat("Let me look.  One moment.").startsWith(answer.heard(millis, "<call>", "</call>"));
    }
    assertThat(answer.heard(600, "<call>", "</call>")).isEqualTo("Let me look.");
    assertThat(answer.heard(1000, "<call>", "</call>")).isEqualTo(text);
    assertThat(
            new PlayedAnswer(0, "Look. <call>{\"na", 0, 100, true, null)
                .heard(99, "<call>", "</call>"))
        .isEqualTo("Look.");
  }
}
