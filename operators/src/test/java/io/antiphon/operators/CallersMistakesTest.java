package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What producers and models really do wrong: the caller learns of it, once, and nothing is kept.
 */
class CallersMistakesTest extends OneCaller {
  @Override
  FakeModel model() {
    return prompt ->
        prompt.substring(prompt.lastIndexOf("U:")).contains("call me")
            ? "<call>{\"name\": \"x\", \"arguments\": {}}</call>"
            : FakeModel.ECHO.answer(prompt);
  }

  @Test
  void aFloodOfUnknownConversationsLeavesNothing() throws Exception {
    for (int i = 0; i < 2000; i++) {
      Script stranger = new Script("stranger-" + i);
      stranger.skip(i % 2 == 0 ? 0 : 500);
      chain.play(stranger.text("x"), stranger.text("y"));
    }
    chain.advance(Duration.ofMillis(600));
    assertThat(chain.kept()).isZero();
    assertThat(chain.timers()).isZero();
    assertThat(chain.deadLetters).hasSize(4000);
    assertThat(chain.failures()).hasSize(2000).containsOnly(FailureCodes.NOT_STARTED);
  }

  @Test
  void unknownRecordsThatWaitForTheirBeginningAreForgottenSoon() throws Exception {
    for (int i = 0; i < 100; i++) {
      Script stranger = new Script("early-" + i);
      stranger.skip(3);
      chain.play(stranger.text("x"));
    }
    chain.advance(Duration.ofMillis(600));
    assertThat(chain.kept()).isZero();
    assertThat(chain.timers()).isZero();
    assertThat(chain.deadLetters).hasSize(100);
  }

  @Test
  void theNumberingBeginsWithTheConversation() throws Exception {
    script.skip(1);
    chain.send(script.started(Mode.SPEECH_TO_TEXT));
    for (int i = 0; i < 70; i++) {
      chain.send(script.audio(20));
    }
    chain.play(script.ended());
    assertThat(chain.failures()).isEmpty();
    assertThat(chain.deadLetters).isEmpty();
    assertThat(chain.answers()).hasSize(1);
  }

  @Test
  void aProducerThatCountsNothingIsToldOnce() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (int i = 0; i < 10; i++) {
      chain.play(script.at(0, new TextMessage("x")));
    }
    assertThat(chain.deadLetterCodes()).hasSize(10).containsOnly(FailureCodes.DUPLICATE);
    assertThat(chain.failures()).containsExactly(FailureCodes.DUPLICATE);
    // One record that comes twice is nothing to tell of.
    chain.play(script.text("y"));
    assertThat(chain.answers()).containsExactly("1 Y");
  }

  @Test
  void aProducerThatBeginsAnewEndsTheConversationOnce() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("x"));
    chain.play(script.later(0, Script.settings(Mode.SPEECH_TO_TEXT).build()));
    for (long sequence = 1; sequence < 5; sequence++) {
      chain.play(script.at(sequence, new TextMessage("again")));
    }
    assertThat(chain.failures()).containsExactly(FailureCodes.CONVERSATION_RESTARTED);
    assertThat(chain.bodies(ConversationFailed.class).get(0).getTerminal()).isTrue();
    assertThat(chain.answers()).containsExactly("1 X");
  }

  @Test
  void anIdIsUsedOnce() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("x"), script.closed());
    for (int i = 0; i < 3; i++) {
      chain.play(script.later(0, Script.settings(Mode.SPEECH_TO_TEXT).build()));
      chain.play(script.at(1, new TextMessage("again")));
    }
    assertThat(chain.failures()).containsExactly(FailureCodes.CONVERSATION_ENDED);
    assertThat(chain.answers()).containsExactly("1 X");
  }

  @Test
  void theEndInMidAnswerStopsIt() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("a question that has a long answer")).work(6);
    chain.play(script.event(new ConversationEnded()));
    assertThat(chain.bodies(TurnCompleted.class))
        .singleElement()
        .satisfies(
            turn -> {
              assertThat(turn.getFinishReason()).isEqualTo(FinishReason.INTERRUPTED);
              assertThat(turn.getText().length()).isLessThan(20);
            });
    assertThat(chain.host.open).isEmpty();
  }

  @Test
  void anAnswerThatIsMadeAgainIsMadeToItsEnd() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("a question that has a long answer")).work(6);
    InboundRecord ended = script.event(new ConversationEnded());
    // As after a restart, or from a recording: written before this run of the job.
    chain.play(
        new InboundRecord(
            ended.topic(), ended.partition(), ended.offset(), -1, ended.key(), ended.value()));
    assertThat(chain.bodies(TurnCompleted.class))
        .singleElement()
        .satisfies(turn -> assertThat(turn.getFinishReason()).isEqualTo(FinishReason.STOP));
    assertThat(chain.host.open).isEmpty();
  }

  @Test
  void aToolThatIsNotOfferedIsNotCalled() throws Exception {
    chain.play(
        script.event(Script.settings(Mode.SPEECH_TO_TEXT).setTools(List.of()).build()),
        script.text("call me"));
    assertThat(chain.bodies(ToolCall.class)).isEmpty();
    assertThat(chain.failures()).containsExactly(FailureCodes.TOOL_NOT_OFFERED);
    assertThat(chain.completedTurns)
        .singleElement()
        .satisfies(
            turn -> {
              assertThat(turn.getToolCalls()).isEmpty();
              assertThat(turn.getFailure().getCode()).isEqualTo(FailureCodes.TOOL_NOT_OFFERED);
            });
    chain.play(script.text("and now"));
    assertThat(chain.answers()).last().isEqualTo("2 AND NOW");
  }

  @Test
  void longTextsAreRefusedUnread() throws Exception {
    String longest = "x".repeat(400 * 16 + 1);
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text(longest));
    Script other = new Script("other");
    chain.play(
        other.event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions(longest).build()),
        other.text("x"));
    assertThat(chain.failures())
        .containsExactly(FailureCodes.CONTEXT_LIMIT, FailureCodes.CONTEXT_LIMIT);
  }

  @Test
  void theEndOfTheInputLosesNoTurn() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.audio(900));
    Script other = new Script("other");
    chain.play(other.started(Mode.SPEECH_TO_TEXT));
    other.skip(1);
    chain.play(other.text("held"));
    Thread host = chain.host.start();
    chain.endInput();
    chain.host.stop();
    host.join();
    assertThat(chain.failures()).containsExactly(FailureCodes.SEQUENCE_GAP);
    assertThat(chain.answers()).hasSize(2).contains("1 HELD");
  }
}
