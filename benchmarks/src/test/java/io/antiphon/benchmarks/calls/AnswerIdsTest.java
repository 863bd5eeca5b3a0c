package io.antiphon.benchmarks.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.CompletedTurn;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerIdsTest {
  @Test
  void answersOfTheSameCallerAndTurnAreCompared() {
    AnswerIds alone = new AnswerIds("first");
    alone.add(turn("first-0-0", 0, "STOP", 1, 2));
    alone.add(turn("first-0-0", 1, "STOP", 3, 4));
    alone.add(turn("first-1-0", 0, "STOP", 5, 6));
    alone.add(turn("first-1-0", 1, "INTERRUPTED", 7, 8));
    alone.add(turn("second-0-0", 2, "STOP", 9, 9));
    assertThat(alone.size()).isEqualTo(3);
    AnswerIds beside = new AnswerIds("second");
    beside.add(turn("second-0-0", 0, "STOP", 1, 2));
    beside.add(turn("second-0-0", 1, "STOP", 3, 5));
    beside.add(turn("second-1-0", 1, "STOP", 7, 8));
    beside.add(turn("second-2-0", 0, "STOP", 5, 6));
    assertThat(beside.with(alone)).isEqualTo(new AnswerIds.Common(2, 1));
    assertThat(alone.with(alone)).isEqualTo(new AnswerIds.Common(3, 3));
  }

  private static CompletedTurn turn(
      String conversation, int turn, String reason, int text, int speech) {
    return CompletedTurn.newBuilder()
        .setConversationId(conversation)
        .setTurn(turn)
        .setTime(Instant.EPOCH)
        .setFinishReason(reason)
        .setTextIds(List.of(text))
        .setSpeechIds(List.of(speech))
        .build();
  }
}
