package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.TestConversations.Turn;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A conversation alone and in a crowd that comes, goes and loses its rows: the same ids. */
@Tag("slow")
class CrowdTest {
  private static final int CROWD = 48;
  private static final int BATCH = 32;

  /** Long enough that the first still speaks when the last, whose prompts wait in line, begins. */
  private static final int STEPS = 100;

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c"})
  void aloneInABatchOf32AndWithItsRowReplayedInMidTurn(String bundle) {
    List<List<List<Integer>>> alone = new ArrayList<>();
    List<Conversation> conversations;
    try (LocalModelHost host =
        new LocalModelHost(TestConversations.settings(Goldens.of(bundle), 1))) {
      conversations = conversations(host.bundle().manifest());
      for (Conversation conversation : conversations) {
        alone.add(TestConversations.ids(TestConversations.run(host, conversation).get(0)));
      }
    }
    try (LocalModelHost host =
        new LocalModelHost(TestConversations.settings(Goldens.of(bundle), CROWD))) {
      List<GenerationSession> sessions = new ArrayList<>();
      List<CollectedGeneration> answers = new ArrayList<>();
      for (int i = 0; i < CROWD; i++) {
        GenerationSession session = TestConversations.open(host, conversations.get(i));
        sessions.add(session);
        answers.add(answer(host, session, conversations.get(i).turns().get(0), i % 4 == 0));
      }
      answers.forEach(CollectedGeneration::await);
      sessions.forEach(GenerationSession::close);

      List<List<List<Integer>>> together =
          answers.stream().map(answer -> TestConversations.ids(answer.steps())).toList();
      assertThat(together).isEqualTo(alone);
      HostMetrics metrics = host.metrics();
      assertThat(metrics.histograms().get("response.batchSize").snapshot().maximum())
          .isGreaterThanOrEqualTo(BATCH);
      assertThat(metrics.counters().get("response.replayedSteps").sum()).isPositive();
      assertThat(metrics.counters().get("response.replayDivergences").sum()).isZero();
    }
  }

  /** Spoken answers, drawn in several ways; every fifth is short, so that it leaves the others. */
  private static List<Conversation> conversations(Manifest manifest) {
    List<Conversation> conversations = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      Sampling sampling =
          switch (i % 3) {
            case 0 -> Sampling.GREEDY;
            case 1 -> new Sampling(0, 1, 1.2);
            default -> new Sampling(0.9, 0.9, 1.1);
          };
      GenerationRequest request =
          new GenerationRequest(
              i, 0, true, true, sampling, sampling, i % 5 == 0 ? 6 : STEPS, List.of());
      conversations.add(
          new Conversation("caller " + i, List.of(new Turn(prompt(manifest, i), request))));
    }
    return conversations;
  }

  /** Every fourth is long. */
  private static List<PromptSegment> prompt(Manifest manifest, int i) {
    return TestConversations.prompt(manifest, new Random(100 + i), i % 4 == 1 ? 3 : 1);
  }

  private static CollectedGeneration answer(
      LocalModelHost host, GenerationSession session, Turn turn, boolean losesRows) {
    turn.prompt().forEach(session::append);
    LosingRows listener = new LosingRows(host, session, step -> losesRows && step == 30);
    session.generate(turn.request(), listener);
    return listener.collected;
  }
}
