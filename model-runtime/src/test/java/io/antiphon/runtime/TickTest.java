package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.llm.TickedEngine;
import io.antiphon.runtime.llm.TickedEngine.Moment;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What callers do while a tick is under way touches nobody else's answer, nor their own next one.
 */
@Timeout(60)
class TickTest {
  private static final int KNOWN = 4;

  private TickedEngine engine;
  private List<Conversation> conversations;
  private List<List<List<Integer>>> undisturbed;
  private GenerationSession first;
  private GenerationSession second;
  private final CollectedGeneration firstAnswer = new CollectedGeneration();
  private final CollectedGeneration secondAnswer = new CollectedGeneration();

  @BeforeEach
  void twoAreAnswered() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 1))) {
      conversations = TestConversations.several(host.bundle().manifest(), 3, 1);
      undisturbed =
          conversations.stream()
              .map(conversation -> TestConversations.run(host, conversation).get(0))
              .map(TestConversations::ids)
              .toList();
    }
    engine = new TickedEngine(TestConversations.settings(Goldens.A, 2));
    first = ask(0, firstAnswer);
    second = ask(1, secondAnswer);
    while (firstAnswer.steps().size() < KNOWN || secondAnswer.steps().isEmpty()) {
      engine.tick();
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedAnswerGetsNoFurtherStepAndTheNextTurnIsAsEver(Moment moment) {
    int known = firstAnswer.steps().size();
    CollectedGeneration again = new CollectedGeneration();

    engine.tick(
        moment,
        () -> {
          first.cancel();
          first.rewind(0);
          turn(0).prompt().forEach(first::append);
          first.generate(turn(0).request(), again);
        });
    finish(again, secondAnswer);

    assertThat(firstAnswer.steps()).hasSize(known);
    assertThat(TestConversations.ids(again.steps())).isEqualTo(undisturbed.get(0));
    assertThat(TestConversations.ids(secondAnswer.steps())).isEqualTo(undisturbed.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void aRowLeftInMidTickIsTakenByAnotherWhoIsAnsweredAsEver(Moment moment) {
    int known = firstAnswer.steps().size();
    int row = TickedEngine.row(first);
    CollectedGeneration joining = new CollectedGeneration();
    GenerationSession[] third = new GenerationSession[1];

    engine.tick(
        moment,
        () -> {
          first.close();
          third[0] = ask(2, joining);
        });
    assertThat(TickedEngine.row(third[0])).isEqualTo(-1);
    engine.tick();

    assertThat(TickedEngine.row(third[0])).isEqualTo(row);
    finish(joining, secondAnswer);
    assertThat(firstAnswer.steps()).hasSize(known);
    assertThat(TestConversations.ids(joining.steps())).isEqualTo(undisturbed.get(2));
    assertThat(TestConversations.ids(secondAnswer.steps())).isEqualTo(undisturbed.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void aRowLostInMidTickComesBackWithTheSameAnswer(Moment moment) {
    engine.tick(moment, () -> engine.loseRow(first));
    finish(firstAnswer, secondAnswer);

    assertThat(TestConversations.ids(firstAnswer.steps())).isEqualTo(undisturbed.get(0));
    assertThat(TestConversations.ids(secondAnswer.steps())).isEqualTo(undisturbed.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void aPromptCutWhileItIsPrefilledIsAnsweredAsTheNewOne(Moment moment) {
    finish(firstAnswer, secondAnswer);
    first.rewind(0);
    first.append(TestConversations.text(new Random(8), 20));
    CollectedGeneration again = new CollectedGeneration();

    engine.tick(
        moment,
        () -> {
          first.rewind(0);
          turn(0).prompt().forEach(first::append);
          first.generate(turn(0).request(), again);
        });
    finish(again);

    assertThat(TestConversations.ids(again.steps())).isEqualTo(undisturbed.get(0));
  }

  /** Half-duplex is one loop over positions: another one that puts in the same draws the same. */
  @Test
  void whatGoesInDecidesWhatIsDrawnWhicheverLoopPutsItIn() {
    finish(firstAnswer, secondAnswer);
    List<Integer> drawn = firstAnswer.steps().stream().map(GenerationStep::textId).toList();

    assertThat(TestConversations.ids(given(drawn))).isEqualTo(undisturbed.get(0));

    assertThat(TestConversations.ids(given(drawn.subList(0, KNOWN))))
        .isEqualTo(undisturbed.get(0).subList(0, KNOWN));

    List<Integer> other = new ArrayList<>(drawn);
    other.set(1, drawn.get(1) == 7 ? 8 : 7);
    List<List<Integer>> ids = TestConversations.ids(given(other));
    assertThat(ids).hasSameSizeAs(undisturbed.get(0)).isNotEqualTo(undisturbed.get(0));
    assertThat(ids.subList(0, 2)).isEqualTo(undisturbed.get(0).subList(0, 2));
  }

  private List<GenerationStep> given(List<Integer> textIds) {
    CollectedGeneration answer = new CollectedGeneration();
    first.rewind(0);
    turn(0).prompt().forEach(first::append);
    engine.generate(first, turn(0).request(), textIds, answer);
    finish(answer);
    return answer.steps();
  }

  @Test
  void textAndAudioAtOnceIsRefusedByName() {
    GenerationSession session = engine.open("both", false);
    assertThatThrownBy(
            () -> session.append(new PromptSegment.TextAndAudio(new int[1], new float[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("text and audio at once");
    assertThat(session.length()).isZero();
    session.close();
  }

  private TestConversations.Turn turn(int conversation) {
    return conversations.get(conversation).turns().get(0);
  }

  private GenerationSession ask(int conversation, GenerationListener listener) {
    GenerationSession session =
        engine.open(conversations.get(conversation).name(), turn(conversation).request().speech());
    turn(conversation).prompt().forEach(session::append);
    session.generate(turn(conversation).request(), listener);
    return session;
  }

  private void finish(CollectedGeneration... answers) {
    for (CollectedGeneration answer : answers) {
      while (!answer.isDone()) {
        engine.tick();
      }
      assertThat(answer.await()).isNotNull();
    }
  }
}
