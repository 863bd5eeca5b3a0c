package io.antiphon.chaos.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.Usage;
import io.antiphon.serde.TurnRecords;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker of committed turns finds what it is there for. */
class CommittedTurnsTest {
  private static final CompletedTurn CALM = turn("calm", "yes", 1, 10);

  private static List<String> differences(boolean over, CompletedTurn... live) {
    ReceivedAnswer heard = new ReceivedAnswer(0, 0, false);
    heard.add(new TextResponse("live", 0, 0L, TurnRecords.answer(turn("live", "yes", 1, 20))));
    return CommittedTurns.differences("answer", List.of(live), List.of(CALM), heard, over);
  }

  @Test
  void oneThatSaysTheSameAtAnotherTimeIsAsItMustBe() {
    assertThat(differences(true, turn("live", "yes", 1, 20))).isEmpty();
  }

  @Test
  void oneMayStillCome() {
    assertThat(differences(false)).isEmpty();
    assertThat(differences(true)).singleElement().asString().contains("0 completed turns");
  }

  @Test
  void twoAreOneTooMany() {
    CompletedTurn turn = turn("live", "yes", 1, 20);
    assertThat(differences(false, turn, turn))
        .singleElement()
        .asString()
        .contains("2 completed turns");
  }

  @Test
  void otherWordsAndOtherUsageAreTold() {
    assertThat(differences(false, turn("live", "no", 1, 20)))
        .hasSize(2)
        .allSatisfy(what -> assertThat(what).contains("\"no\""));
    assertThat(differences(false, turn("live", "yes", 2, 20))).hasSize(2);
  }

  @Test
  void theUndisturbedRunMustHaveOneToo() {
    assertThat(
            CommittedTurns.differences(
                "answer", List.of(CALM), List.of(), new ReceivedAnswer(0, 0, false), true))
        .singleElement()
        .asString()
        .contains("undisturbed");
  }

  private static CompletedTurn turn(String conversation, String text, int tokens, double millis) {
    return TurnRecords.setAnswer(
            CompletedTurn.newBuilder()
                .setConversationId(conversation)
                .setTurn(0)
                .setTime(Instant.ofEpochMilli((long) millis))
                .setQuestionType(QuestionType.SPOKEN.name()),
            TurnCompleted.newBuilder()
                .setText(text)
                .setFinishReason(FinishReason.STOP)
                .setUsage(new Usage(1, 1, tokens, 1, 0))
                .setLatencies(StageLatencies.newBuilder().setCompleted(millis).build())
                .setAudioMillis(200)
                .build())
        .build();
  }
}
