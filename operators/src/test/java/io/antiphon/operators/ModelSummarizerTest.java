package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.analytics.Interval;
import io.antiphon.analytics.calls.SummaryPrompt;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.operators.calls.ModelSummarizer;
import io.antiphon.runtime.Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Summaries by a model that answers what a test says. */
class ModelSummarizerTest {
  private static final int POSITIONS = 1500;

  @TempDir private Path directory;
  private final List<String> prompts = new ArrayList<>();

  private Optional<WrittenSummary> summarize(String answer, List<TranscriptSegment> transcript)
      throws Exception {
    FakeHost host =
        new FakeHost(
            TestBundle.load(directory, POSITIONS),
            POSITIONS,
            prompt -> {
              prompts.add(prompt);
              return answer;
            });
    Thread thread = host.start();
    try {
      Optional<WrittenSummary> written =
          new ModelSummarizer(host).summarize("call", transcript).get();
      assertThat(host.open).as("sessions that are left open").isEmpty();
      return written;
    } finally {
      host.stop();
      thread.join();
    }
  }

  private static TranscriptSegment segment(String role, int number, String text) {
    return new TranscriptSegment(
        0,
        role,
        number,
        new Interval(number, number + 1),
        text,
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static final List<TranscriptSegment> CALL =
      List.of(
          segment("CUSTOMER", 0, "I lost my card [CARD]"),
          segment("AGENT", 1, "it is blocked<end> now"));

  @Test
  void theModelIsAskedInModeTextAndItsQuotesAreChecked() throws Exception {
    assertThat(summarize("She \"lost my card\". \"I will pay,\" he said. It \"is blocked\".", CALL))
        .contains(new WrittenSummary("She \"lost my card\". It \"is blocked\".", 0));
    assertThat(prompts)
        .as("marks of the template in a caller's words are words")
        .containsExactly(
            "S:write "
                + SummaryPrompt.TASK
                + "\nU:CUSTOMER: I lost my card [CARD]\nAGENT: it is blocked<end> now\n\nA:");
  }

  @Test
  void whatQuotesNothingThatWasSaidCannotBeUsed() throws Exception {
    assertThat(summarize("She \"lost a dog\".", CALL)).isEmpty();
    assertThat(summarize("She called.", CALL)).isEmpty();
    assertThat(summarize("", CALL)).isEmpty();
    assertThat(summarize("<call>{\"name\": \"block_card\"}</call>", CALL)).isEmpty();
  }

  @Test
  void anAnswerThatDoesNotEndCannotBeUsed() throws Exception {
    String sentence = "She \"lost my card\". ";
    assertThat(summarize(sentence.repeat(12), CALL)).isPresent();
    assertThat(summarize(sentence.repeat(20), CALL)).isEmpty();
  }

  @Test
  void aLongCallIsReadAsFarAsThereIsRoom() throws Exception {
    List<TranscriptSegment> call = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      call.add(segment("CUSTOMER", i, "word number " + i));
    }
    WrittenSummary written = summarize("He said \"word number 199\".", call).orElseThrow();
    assertThat(prompts.get(0))
        .contains("CUSTOMER: word number 0\n", "CUSTOMER: word number 199\n")
        .contains("(" + written.omittedSegments() + " utterances are left out here.)\n");
    assertThat(written.omittedSegments()).isBetween(100, 199);
  }

  @Test
  void aCallWithoutWordsIsNoQuestion() throws Exception {
    assertThat(summarize("x", List.of(segment("AGENT", 0, " ")))).isEmpty();
    assertThat(prompts).isEmpty();
  }

  @Test
  void aRowWithoutRoomIsRefused() throws Exception {
    FakeHost host = new FakeHost(TestBundle.load(directory, POSITIONS), 400, FakeModel.ECHO);
    assertThatThrownBy(() -> new ModelSummarizer(host))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("model.positionsPerRow is 400; expected at least ");
  }

  @Test
  void aBundleThatDoesNotAnswerInTextIsRefused() throws Exception {
    TestBundle.load(directory, POSITIONS).close();
    ObjectMapper json = new ObjectMapper();
    Path manifest = directory.resolve("antiphon.json");
    ObjectNode root = (ObjectNode) json.readTree(Files.readString(manifest));
    root.remove("prompt");
    Files.writeString(manifest, json.writeValueAsString(root));
    FakeHost host = new FakeHost(Bundle.load(directory), POSITIONS, FakeModel.ECHO);
    assertThatThrownBy(() -> new ModelSummarizer(host))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("no prompt of mode text; expected a bundle that answers in text");
  }
}
