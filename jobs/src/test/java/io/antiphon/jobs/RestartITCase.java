package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.jobs.client.Answer;
import io.antiphon.jobs.client.Caller;
import io.antiphon.jobs.client.Pace;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.QuestionKind;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TurnEnded;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The job fails in the middle of answers: the caller gets the same words and the same audio, once,
 * and each turn is completed once.
 */
class RestartITCase {
  private static final int BOMBS = 3;

  @ParameterizedTest
  @ValueSource(strings = {"hashmap"})
  void theAnswerGoesOnAsIfNothingHadHappened(String backend) throws Exception {
    try (NanoService nano =
        NanoService.start(
            new Explosive(),
            Map.of(
                "dataflow.checkpointInterval", "50ms",
                "dataflow.restartDelay", "50ms",
                "dataflow.stateBackend", backend))) {
      Answer undisturbed = answer(nano, "undisturbed", 0);
      assertThat(undisturbed.speech()).isNotEmpty();
      assertThat(nano.service().job().restarts()).isZero();

      Answer disturbed = answer(nano, "disturbed", BOMBS);
      // Its answer is complete for the caller, and perhaps not committed.
      Explosive.explode(nano.client());
      assertThat(disturbed.text()).isEqualTo(undisturbed.text());
      assertThat(disturbed.usage()).isEqualTo(undisturbed.usage());
      assertThat(disturbed.speech()).isEqualTo(undisturbed.speech());

      try (Caller last = nano.call("last", Mode.SPEECH_TO_TEXT)) {
        last.ask(new TextMessage("what is the capital of france"), piece -> {});
      }
      assertThat(Explosive.explosions()).isEqualTo(BOMBS + 1);
      assertThat(nano.service().job().restarts()).isEqualTo(BOMBS + 1);
      List<CompletedTurn> turns = CompletedTurnReader.readThrough(nano.configuration(), "last");
      assertThat(turns)
          .extracting(CompletedTurn::getConversationId)
          .containsExactly("undisturbed", "disturbed", "last");
      assertSame(turns.get(0), undisturbed);
      assertSame(turns.get(1), disturbed);
      assertThat(turns.get(2).getQuestionKind()).isEqualTo(QuestionKind.WRITTEN);
      assertThat(turns.get(2).getQuestion()).isEqualTo("what is the capital of france");
    }
  }

  private static void assertSame(CompletedTurn turn, Answer heard) {
    assertThat(turn.getTurn()).isZero();
    assertThat(turn.getQuestionKind()).isEqualTo(QuestionKind.SPOKEN);
    assertThat(turn.getQuestion()).isEqualTo(heard.transcript().orElseThrow());
    assertThat(turn.getToolCalls()).isEmpty();
    assertThat(turn.getAnswer().getText()).isEqualTo(heard.text());
    assertThat(turn.getAnswer().getUsage()).isEqualTo(heard.usage());
    assertThat(turn.getAnswer().getFinishReason()).isEqualTo(heard.finishReason());
    assertThat(turn.getAnswer().getAudioMillis()).isEqualTo(heard.speech().length / 24);
  }

  /** An answer during which the job fails so many times, each time after another piece of text. */
  private static Answer answer(NanoService nano, String conversation, int bombs) throws Exception {
    try (Caller caller =
        nano.call(
            conversation,
            NanoService.starting(Mode.SPEECH_TO_SPEECH).setTranscribeInput(true).build())) {
      caller.speak(Samples.recording(Samples.byId("add")), Pace.IMMEDIATE);
      AtomicInteger thrown = new AtomicInteger();
      return caller.ask(
          new TurnEnded(),
          piece -> {
            if (thrown.get() < bombs) {
              thrown.incrementAndGet();
              Explosive.explode(nano.client());
            }
          });
    }
  }
}
