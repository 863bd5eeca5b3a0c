package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Safetensors;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mixture of experts in packed weights, as this host and as the Python host runs it. */
class ExpertsTest {
  private static final Path BUNDLE = Goldens.of("experts");
  private static final int NEW_POSITIONS = 24;

  @TempDir Path directory;

  /** Text and speech of one conversation, with a penalty and the rest greedy. */
  @Test
  void theAnswerIsThePythonHosts() throws IOException {
    Safetensors expected = Safetensors.open(BUNDLE.resolveSibling("experts.safetensors"));

    CollectedGeneration answer = answer(expected);

    assertThat(answer.textIds()).isEqualTo(expected.ints("text_ids"));
    assertThat(answer.speechIds()).isEqualTo(expected.ints("speech_ids"));
    assertThat(answer.speechIds().length).isGreaterThan(100);
  }

  /** Last bits of a row depend on its neighbours: ids may part, but nobody's answer is lost. */
  @Test
  void conversationsBesideEachOtherAreAllAnswered() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(BUNDLE, 8))) {
      List<GenerationSession> sessions = new ArrayList<>();
      List<CollectedGeneration> answers = new ArrayList<>();
      for (TestConversations.Conversation conversation :
          TestConversations.several(host.bundle().manifest(), 8, 1)) {
        GenerationSession session = TestConversations.open(host, conversation);
        sessions.add(session);
        conversation.turns().get(0).prompt().forEach(session::append);
        answers.add(new CollectedGeneration());
        session.generate(conversation.turns().get(0).request(), answers.get(answers.size() - 1));
      }
      for (CollectedGeneration answer : answers) {
        answer.await();
        assertThat(answer.steps()).isNotEmpty();
      }
      sessions.forEach(GenerationSession::close);
    }
  }

  /** All experts of a layer are one tensor there. */
  @Test
  void aPackedFileThatIsCutShortIsNamed() throws IOException {
    try (Stream<Path> files = Files.list(BUNDLE)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName().toString()));
      }
    }
    Path packed = directory.resolve("model.int4.safetensors");
    byte[] bytes = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> ModelHosts.acquire(TestConversations.settings(directory, 1)).close())
        .hasMessageContaining("model.int4.safetensors");
  }

  private static CollectedGeneration answer(Safetensors expected) throws IOException {
    int[] ids = expected.ints("prompt_ids");
    CollectedGeneration answer = new CollectedGeneration();
    Sampling penalised = new Sampling(0, 1, 1.2);
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(BUNDLE, 4));
        GenerationSession session = host.openResponse("experts", true)) {
      int audio = host.bundle().manifest().textIds().audio();
      int begin = 0;
      while (ids[begin] != audio) {
        begin++;
      }
      float[] groups = expected.floats("groups");
      int end = begin + groups.length / host.bundle().manifest().sharedLlm().hiddenSize();
      session.append(new PromptSegment.Text(Arrays.copyOf(ids, begin)));
      session.append(new PromptSegment.Audio(groups, end - begin));
      session.append(new PromptSegment.Text(Arrays.copyOfRange(ids, end, ids.length)));
      session.generate(
          new GenerationRequest(0, 0, true, true, penalised, penalised, NEW_POSITIONS, List.of()),
          answer);
      answer.await();
    }
    return answer;
  }
}
