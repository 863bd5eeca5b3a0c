package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.dialogue.PendingInput;
import io.antiphon.operators.dialogue.ToolCallScanner;
import io.antiphon.operators.input.EventOrder;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** What a caller sends may be large, far off or too much: it costs little and harms nothing. */
class BoundsTest extends OneCaller {
  @Test
  void sequencesAtTheEndOfTheNumbers() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (long back = 2; back >= 0; back--) {
      chain.play(script.at(Long.MAX_VALUE - back, new TurnEnded()));
    }
    assertThat(chain.deadLetterCodes()).hasSize(3).containsOnly(FailureCodes.INVALID_SEQUENCE);
    for (long back = 2; back >= 0; back--) {
      chain.play(script.at(EventOrder.LARGEST_SEQUENCE - back, new TextMessage("x" + back)));
    }
    assertThat(chain.answers()).containsExactly("1 X0");
    chain.play(script.at(0, new TurnEnded()), script.at(1L << 60, new TurnEnded()));
    assertThat(chain.deadLetterCodes())
        .endsWith(FailureCodes.DUPLICATE, FailureCodes.INVALID_SEQUENCE);
  }

  @Test
  void heldRecordsAreNoMoreThanAMebibyte() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    script.skip(1);
    for (int i = 0; i < 5; i++) {
      assertThat(chain.failures()).isEmpty();
      chain.play(script.text("x".repeat(220_000)));
    }
    assertThat(chain.failures()).startsWith(FailureCodes.SEQUENCE_GAP);
    assertThat(chain.answers()).hasSize(5);
    chain.play(script.text("x"));
    assertThat(chain.answers()).last().isEqualTo("1 X");
  }

  @Test
  void messagesAndKeysOfDeadLetters() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_TEXT)
                .setVoice("\ud83d\ude00".repeat(20_000))
                .setTurnDetection(TurnDetection.newBuilder().setType("x".repeat(20_000)).build())
                .build()),
        Script.raw(new byte[10_000], new byte[10]));
    for (DeadLetter letter : chain.deadLetters) {
      assertThat(letter.getMessage().length()).isLessThanOrEqualTo(Failure.MAXIMUM_CHARACTERS);
      assertThat(Records.encode(letter, Integer.MAX_VALUE)).isNotEmpty();
    }
    assertThat(chain.deadLetters.get(0).getMessage()).startsWith("voice is").endsWith("...");
    assertThat(chain.deadLetters.get(0).getKey()).isNotNull();
    assertThat(chain.deadLetters.get(1).getKey()).isNull();
    assertThat(chain.bodies(ConversationFailed.class))
        .allMatch(failed -> failed.getMessage().length() <= Failure.MAXIMUM_CHARACTERS);
  }

  @Test
  void messagesAreCutBetweenCharacters() {
    String faces = "\ud83d\ude00".repeat(600);
    assertThat(Failure.shortened(faces)).hasSize(999).endsWith("\ude00...");
    assertThat(Failure.shortened("a" + faces)).hasSize(1000);
    assertThat(Failure.shortened("x".repeat(1000))).hasSize(1000).endsWith("x");
  }

  @Test
  void callsThatDoNotEndAreQuotedInPart() {
    ToolCallScanner scanner = new ToolCallScanner("<call>", "</call>");
    scanner.append("<call>" + "x".repeat(5000));
    scanner.finish();
    assertThat(scanner.problem()).hasSize(Failure.MAXIMUM_CHARACTERS);
  }

  @Test
  void aQuestionThatFitsNowhereCostsNoHistory() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.text("hi"),
        script.text("x".repeat(400)),
        script.text("y"));
    assertThat(chain.failures()).containsExactly(FailureCodes.CONTEXT_LIMIT);
    assertThat(chain.answers()).containsExactly("1 HI", "", "2 Y");
  }

  @Test
  void turnsThatFailLeaveNoAudioWaiting() {
    PendingInput waiting = new PendingInput(2);
    UserTurnEnded question = new UserTurnEnded("c", 0, -1, -1, null);
    Groups groups = new Groups("c", new float[8], 1);
    List<Sequenced> turns = List.of(groups, question, groups, groups, question);
    turns.forEach(message -> assertThat(waiting.add(message)).isNull());
    waiting.add(groups);
    waiting.add(question); // one too many
    waiting.add(groups);
    waiting.add(new UserTurnEnded("c", 0, -1, -1, new Failure(FailureCodes.SILENT_TURN, "quiet")));
    waiting.add(groups);
    waiting.add(new UserTurnDropped("c"));
    List<Sequenced> log = waiting.log();
    assertThat(log).hasSize(8).startsWith(turns.toArray(Sequenced[]::new));
    assertThat(((UserTurnEnded) log.get(5)).failure().code())
        .isEqualTo(FailureCodes.TOO_MANY_WAITING);
    assertThat(((UserTurnEnded) log.get(6)).failure().code()).isEqualTo(FailureCodes.SILENT_TURN);
    assertThat(log.get(7)).isInstanceOf(UserTurnDropped.class);
  }

  @Test
  void turnsThatOnlyFailAreBoundedAsWell() {
    PendingInput waiting = new PendingInput(2);
    for (int i = 0; i < PendingInput.MAXIMUM_ENDS; i++) {
      assertThat(waiting.add(new TextTurn("c", "x", 0))).isNull();
    }
    assertThat(waiting.add(new Groups("c", new float[8], 1))).isNull();
    assertThat(waiting.add(new TextTurn("c", "x", 0)).code())
        .isEqualTo(FailureCodes.TOO_MANY_WAITING);
    assertThat(waiting.log()).hasSize(PendingInput.MAXIMUM_ENDS);
  }

  @Test
  void turnsThatAreDroppedBehindAnAnswerAreRememberedOnce() {
    PendingInput waiting = new PendingInput(2);
    for (int i = 0; i < 10_000; i++) {
      assertThat(waiting.add(new Groups("c", new float[8], 1))).isNull();
      assertThat(waiting.add(new UserTurnDropped("c"))).isNull();
    }
    assertThat(waiting.log()).hasSize(1);
  }

  @Test
  void afterTheIdleTimeoutNothingIsSaidAnyMore() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("a"), script.text("b"));
    chain.advance(Duration.ofSeconds(61));
    assertThat(chain.bodies(TurnCompleted.class))
        .extracting(TurnCompleted::getFinishReason)
        .containsExactly(FinishReason.INTERRUPTED, FinishReason.INTERRUPTED);
    assertThat(chain.text.get(chain.text.size() - 1).getBody())
        .isInstanceOfSatisfying(
            ConversationFailed.class, failed -> assertThat(failed.getTerminal()).isTrue());
    assertThat(chain.kept()).isZero();
  }

  @Test
  void anOutageCountsAsNoSilence() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    List<OperatorSubtaskState> states = chain.snapshot();
    try (Chain later = Chain.restore(bundle, FakeModel.ECHO, states, Duration.ofHours(2))) {
      later.advance(Duration.ofSeconds(59));
      assertThat(later.failures()).isEmpty();
      later.play(script.text("x"));
      assertThat(later.answers()).containsExactly("1 X");
      later.advance(Duration.ofSeconds(61));
      assertThat(later.failures()).containsExactly(FailureCodes.IDLE_TIMEOUT);
    }
  }
}
