package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ResponseSessionTest {
  /** Cancels its own session at a step, as an interrupt does. */
  private static final class Interrupting implements GenerationListener {
    private final GenerationSession session;
    private final int at;
    private final List<GenerationStep> steps = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    Interrupting(GenerationSession session, int at) {
      this.session = session;
      this.at = at;
    }

    @Override
    public void onStep(GenerationStep step) {
      steps.add(step);
      if (step.index() == at) {
        session.cancel();
        cancelled.complete(null);
      }
    }

    @Override
    public void onFinished(GenerationEnd end) {
      cancelled.completeExceptionally(new AssertionError("finished: " + end));
    }

    @Override
    public void onFailed(Throwable error) {
      cancelled.completeExceptionally(error);
    }
  }

  @Test
  void nothingComesAfterACancelAndTheNextTurnIsUntouched() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 4))) {
      Conversation conversation = TestConversations.several(host.bundle().manifest(), 1, 1).get(0);
      List<GenerationStep> undisturbed = TestConversations.run(host, conversation).get(0);
      try (GenerationSession session = TestConversations.open(host, conversation)) {
        conversation.turns().get(0).prompt().forEach(session::append);
        int prompt = session.length();
        Interrupting interrupting = new Interrupting(session, 3);
        session.generate(conversation.turns().get(0).request(), interrupting);
        interrupting.cancelled.join();

        session.rewind(prompt);
        CollectedGeneration again = new CollectedGeneration();
        session.generate(conversation.turns().get(0).request(), again);
        again.await();

        assertThat(interrupting.steps).hasSize(4);
        assertThat(TestConversations.ids(again.steps()))
            .isEqualTo(TestConversations.ids(undisturbed));
      }
    }
  }

  @Test
  void closingASessionInMidAnswerFreesItsRow() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 1))) {
      List<Conversation> conversations = TestConversations.several(host.bundle().manifest(), 2, 1);
      GenerationSession first = TestConversations.open(host, conversations.get(0));
      conversations.get(0).turns().get(0).prompt().forEach(first::append);
      Interrupting interrupting = new Interrupting(first, 2);
      first.generate(conversations.get(0).turns().get(0).request(), interrupting);
      interrupting.cancelled.join();
      first.close();

      assertThat(TestConversations.run(host, conversations.get(1)).get(0))
          .hasSize(TestConversations.STEPS);
    }
  }

  @Test
  void thePromptIsReportedOnceThoughTheRowIsLost() {
    try (LocalModelHost host = new LocalModelHost(TestConversations.settings(Goldens.A, 1))) {
      Conversation conversation = TestConversations.several(host.bundle().manifest(), 1, 1).get(0);
      List<String> calls;
      try (GenerationSession session = TestConversations.open(host, conversation)) {
        LosingRows losing = new LosingRows(host, session, index -> index == 3);
        conversation.turns().get(0).prompt().forEach(session::append);
        session.generate(conversation.turns().get(0).request(), losing);
        losing.collected.await();
        calls = losing.calls();
      }

      assertThat(calls.get(0)).isEqualTo("prefilled");
      assertThat(calls.stream().filter("prefilled"::equals)).hasSize(1);
      assertThat(calls).hasSize(TestConversations.STEPS + 1);
    }
  }

  @Test
  void endsAtTheRowsEnd() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 1));
        GenerationSession session = host.openResponse("long", true)) {
      Random random = new Random(3);
      session.append(TestConversations.text(random, 155));
      CollectedGeneration collected = new CollectedGeneration();
      session.generate(TestConversations.request(1, 0, true, Sampling.GREEDY), collected);

      assertThat(collected.await()).isEqualTo(GenerationEnd.LENGTH);
      assertThat(collected.steps()).hasSize(6);
      assertThat(session.length()).isEqualTo(160);
      session.rewind(155);
      assertThatThrownBy(() -> session.append(TestConversations.text(random, 6)))
          .isInstanceOf(ContextOverflowException.class)
          .hasMessageContaining("161 positions, positionsPerRow allows 160");
      assertThat(session.length()).isEqualTo(155);
    }
  }

  @Test
  void anAnswerWithFullRowsBesideItIsUntouched() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 3))) {
      Conversation conversation = TestConversations.several(host.bundle().manifest(), 1, 1).get(0);
      List<GenerationStep> alone = TestConversations.run(host, conversation).get(0);
      try (GenerationSession full = host.openResponse("full", true)) {
        full.append(TestConversations.text(new Random(4), 150));
        CollectedGeneration first = new CollectedGeneration();
        full.generate(TestConversations.request(1, 0, true, Sampling.GREEDY), first);
        first.await();
        List<GenerationStep> beside = TestConversations.run(host, conversation).get(0);

        assertThat(TestConversations.ids(beside)).isEqualTo(TestConversations.ids(alone));
        full.rewind(150);
        CollectedGeneration second = new CollectedGeneration();
        full.generate(TestConversations.request(1, 0, true, Sampling.GREEDY), second);
        second.await();
        assertThat(TestConversations.ids(second.steps()))
            .isEqualTo(TestConversations.ids(first.steps()));
      }
    }
  }

  @Test
  void wrongCallsSayWhatIsExpected() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 1));
        GenerationSession silent = host.openResponse("silent", false)) {
      CollectedGeneration none = new CollectedGeneration();
      GenerationRequest spoken = TestConversations.request(1, 0, true, Sampling.GREEDY);

      assertThatThrownBy(() -> silent.generate(spoken, none)).hasMessageContaining("no prompt");
      assertThatThrownBy(() -> silent.append(new PromptSegment.Text(new int[] {512})))
          .hasMessageContaining("text id is 512, expected 0 to 511");
      assertThatThrownBy(() -> silent.append(new PromptSegment.Audio(new float[6], 2)))
          .hasMessageContaining("expected 64 each");
      silent.append(new PromptSegment.Text(new int[] {1, 2, 3}));
      assertThatThrownBy(() -> silent.generate(spoken, none))
          .hasMessageContaining("opened without speech");
      assertThatThrownBy(() -> silent.rewind(4)).hasMessageContaining("expected 0 to 3");
      silent.close();
      assertThatThrownBy(() -> silent.append(new PromptSegment.Text(new int[] {1})))
          .hasMessageContaining("is closed");
    }
  }
}
