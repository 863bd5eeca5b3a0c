package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.llm.TickedEngine;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens around a conversation, it says the same, bit for bit. */
@Tag("slow")
class ExactnessTest {
  private static final int CONVERSATIONS = 12;

  private static final Map<String, ModelHost> SHARED = new HashMap<>();
  private static final Map<String, List<List<List<List<Integer>>>>> ALONE = new HashMap<>();

  @AfterAll
  static void close() {
    SHARED.values().forEach(ModelHost::close);
    SHARED.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4"})
  void aRowInABatchWithOthersJoiningAndLeavingIsTheRowAlone(String bundle) throws Exception {
    List<List<List<List<Integer>>>> alone = alone(bundle);

    List<List<List<List<Integer>>>> together = together(bundle, CONVERSATIONS, host -> {});

    assertThat(together).isEqualTo(alone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4"})
  void moreConversationsThanRowsSayTheSame(String bundle) throws Exception {
    List<List<List<List<Integer>>>> alone = alone(bundle);

    List<List<List<List<Integer>>>> crowded =
        together(
            bundle,
            3,
            host ->
                assertThat(host.metrics().counters().get("response.evictions").sum()).isPositive());

    assertThat(crowded).isEqualTo(alone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4"})
  void aPromptInPiecesOfAnySizeIsThePromptAtOnce(String bundle) {
    ModelHostSettings settings = TestConversations.settings(Goldens.of(bundle), 1);
    List<List<Integer>> expected = null;
    for (int positions : new int[] {32, 2, 7, 31}) {
      try (TickedEngine engine = new TickedEngine(settings).prefillAtMost(positions)) {
        Conversation conversation =
            TestConversations.several(engine.bundle().manifest(), 1, 1).get(0);
        CollectedGeneration answer = new CollectedGeneration();
        GenerationSession session = engine.open("chunks", true);
        conversation.turns().get(0).prompt().forEach(session::append);
        session.generate(conversation.turns().get(0).request(), answer);
        while (!answer.isDone()) {
          engine.tick();
        }
        List<List<Integer>> ids = TestConversations.ids(answer.steps());
        expected = expected == null ? ids : expected;
        assertThat(ids).as("ids with %d positions in a call", positions).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4", "experts"})
  void aRowLostInMidTurnComesBackByReplay(String bundle) {
    LocalModelHost host =
        new LocalModelHost(TestConversations.settings(Goldens.of(bundle), CONVERSATIONS));
    try (host) {
      for (Conversation conversation : TestConversations.several(host.bundle().manifest(), 4, 1)) {
        List<GenerationStep> undisturbed = TestConversations.run(host, conversation).get(0);
        long replayed = host.metrics().counters().get("response.replayedSteps").sum();

        List<GenerationStep> disturbed = runLosingRows(host, conversation);

        assertThat(TestConversations.ids(disturbed)).isEqualTo(TestConversations.ids(undisturbed));
        assertThat(host.metrics().counters().get("response.replayedSteps").sum())
            .isGreaterThan(replayed);
        assertThat(host.metrics().counters().get("response.replayDivergences").sum()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4", "experts"})
  void anAnswerRestoredFromItsStepsGoesOnTheSame(String bundle) {
    ModelHost host = shared(bundle);
    for (Conversation conversation : TestConversations.several(host.bundle().manifest(), 4, 1)) {
      List<GenerationStep> whole = TestConversations.run(host, conversation).get(0);
      int known = Math.min(7, whole.size() - 1);

      List<GenerationStep> rest = resume(host, conversation, whole.subList(0, known));

      assertThat(TestConversations.ids(rest))
          .isEqualTo(TestConversations.ids(whole).subList(known, whole.size()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4"})
  void promptsAppendedInAnyPiecesAreAnsweredTheSame(String bundle) {
    ModelHost host = shared(bundle);
    Manifest manifest = host.bundle().manifest();
    for (Conversation conversation : TestConversations.several(manifest, 4, 1)) {
      List<GenerationStep> whole = TestConversations.run(host, conversation).get(0);
      for (int seed = 0; seed < 3; seed++) {
        CollectedGeneration collected = new CollectedGeneration();
        try (GenerationSession session = TestConversations.open(host, conversation)) {
          Random random = new Random(seed);
          pieces(manifest, conversation.turns().get(0).prompt(), random).forEach(session::append);
          session.generate(conversation.turns().get(0).request(), collected);
          collected.await();
        }
        assertThat(TestConversations.ids(collected.steps()))
            .isEqualTo(TestConversations.ids(whole));
      }
    }
  }

  /** Also where what the refined head sees of the shorter prompt has been set aside. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "a by weights", "c by weights", "int4"})
  void aPromptCutFarBackIsAnsweredAsIfTheRestHadNeverBeen(String bundle) {
    ModelHost host = shared(bundle);
    for (Conversation conversation : TestConversations.several(host.bundle().manifest(), 4, 2)) {
      List<GenerationStep> undisturbed = TestConversations.run(host, conversation).get(0);
      CollectedGeneration longer = new CollectedGeneration();
      CollectedGeneration again = new CollectedGeneration();
      try (GenerationSession session = TestConversations.open(host, conversation)) {
        conversation.turns().get(0).prompt().forEach(session::append);
        int cut = session.length();
        conversation.turns().get(1).prompt().forEach(session::append);
        session.generate(conversation.turns().get(1).request(), longer);
        longer.await();
        session.rewind(cut);
        session.generate(conversation.turns().get(0).request(), again);
        again.await();
      }

      assertThat(TestConversations.ids(again.steps()))
          .isEqualTo(TestConversations.ids(undisturbed));
    }
  }

  /** Kernels are chosen by the processor, so a host finds out at the start. */
  @ParameterizedTest
  @ValueSource(strings = {"a by weights", "c by weights", "int4"})
  void aHostTellsThatRowsAreExact(String bundle) {
    assertThat(rowsExact(shared(bundle))).isEqualTo(1);
    assertThat(shared("a").metrics().gauges()).doesNotContainKey("response.rowsExact");
  }

  /** A mixture of experts multiplies the rows of one expert together; kernels decide what of it. */
  @Test
  void aHostTellsWhetherRowsOfExpertsAreExactHere() {
    try (ModelHost host =
        ModelHosts.acquire(TestConversations.settings(Goldens.of("experts"), 8))) {
      assertThat(rowsExact(host)).isIn(0.0, 1.0);
    }
  }

  private static double rowsExact(ModelHost host) {
    return host.metrics().gauges().get("response.rowsExact").getAsDouble();
  }

  /** Loaded once for all tests that need no host of their own. */
  private static ModelHost shared(String bundle) {
    return SHARED.computeIfAbsent(
        bundle, name -> ModelHosts.acquire(TestConversations.settings(Goldens.of(name), 4)));
  }

  /** Ids by conversation, turn and step. */
  private static List<List<List<List<Integer>>>> alone(String bundle) {
    return ALONE.computeIfAbsent(bundle, ExactnessTest::speakAlone);
  }

  private static List<List<List<List<Integer>>>> speakAlone(String bundle) {
    List<List<List<List<Integer>>>> ids = new ArrayList<>();
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.of(bundle), 1))) {
      for (Conversation conversation :
          TestConversations.several(host.bundle().manifest(), CONVERSATIONS, 2)) {
        ids.add(
            TestConversations.run(host, conversation).stream()
                .map(TestConversations::ids)
                .toList());
      }
    }
    return ids;
  }

  private static List<List<List<List<Integer>>>> together(
      String bundle, int rows, Consumer<ModelHost> check) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CONVERSATIONS);
    try (ModelHost host =
        ModelHosts.acquire(TestConversations.settings(Goldens.of(bundle), rows))) {
      List<Future<List<List<List<Integer>>>>> results = new ArrayList<>();
      for (Conversation conversation :
          TestConversations.several(host.bundle().manifest(), CONVERSATIONS, 2)) {
        results.add(
            callers.submit(
                () ->
                    TestConversations.run(host, conversation).stream()
                        .map(TestConversations::ids)
                        .toList()));
      }
      List<List<List<List<Integer>>>> ids = new ArrayList<>();
      for (Future<List<List<List<Integer>>>> result : results) {
        ids.add(result.get());
      }
      check.accept(host);
      return ids;
    } finally {
      callers.shutdownNow();
    }
  }

  private static List<GenerationStep> runLosingRows(
      LocalModelHost host, Conversation conversation) {
    try (GenerationSession session = TestConversations.open(host, conversation)) {
      LosingRows losing = new LosingRows(host, session, index -> index % 6 == 2);
      conversation.turns().get(0).prompt().forEach(session::append);
      session.generate(conversation.turns().get(0).request(), losing);
      losing.collected.await();
      return losing.collected.steps();
    }
  }

  private static List<GenerationStep> resume(
      ModelHost host, Conversation conversation, List<GenerationStep> known) {
    GenerationRequest request = conversation.turns().get(0).request();
    CollectedGeneration collected = new CollectedGeneration();
    try (GenerationSession session = TestConversations.open(host, conversation)) {
      conversation.turns().get(0).prompt().forEach(session::append);
      session.generate(
          new GenerationRequest(
              request.seed(),
              request.turn(),
              request.speech(),
              request.forceSpeech(),
              request.text(),
              request.speechSampling(),
              request.maximumNewPositions(),
              known),
          collected);
      collected.await();
    }
    return collected.steps();
  }

  /** The same prompt in pieces of one to three positions. */
  private static List<PromptSegment> pieces(
      Manifest manifest, List<PromptSegment> prompt, Random random) {
    int hidden = manifest.sharedLlm().hiddenSize();
    List<PromptSegment> pieces = new ArrayList<>();
    for (PromptSegment segment : prompt) {
      int begin = 0;
      while (begin < segment.positions()) {
        int end = Math.min(segment.positions(), begin + 1 + random.nextInt(3));
        if (segment instanceof PromptSegment.Audio audio) {
          float[] part = java.util.Arrays.copyOfRange(audio.groups(), begin * hidden, end * hidden);
          pieces.add(new PromptSegment.Audio(part, end - begin));
        } else if (segment instanceof PromptSegment.Text text) {
          pieces.add(new PromptSegment.Text(java.util.Arrays.copyOfRange(text.ids(), begin, end)));
        }
        begin = end;
      }
    }
    return pieces;
  }
}
