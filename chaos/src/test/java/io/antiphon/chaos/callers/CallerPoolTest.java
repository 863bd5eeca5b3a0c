package io.antiphon.chaos.callers;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.chaos.comparison.AnswerDiff;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.TurnEnded;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CallerPool go on where an answer fails, and say so where what they sent was lost. */
@Timeout(60)
class CallerPoolTest {
  private static final SpokenSample SAMPLE = new SpokenSample("sample", new short[320], "done");
  private static final CallerScript SCRIPT = new CallerScript(0, 1, false, List.of(SAMPLE, SAMPLE));

  @Test
  void anAnswerThatFailsIsAnAnswer() throws Exception {
    FakeTransport line = new FakeTransport(id -> failure("malformed-tool-call", false));
    try (CallerPool callers = new CallerPool(line, 1, List.of(SCRIPT))) {
      ReceivedConversation held = callers.baseline().get(0);

      assertThat(held.problems()).isEmpty();
      assertThat(held.answers()).hasSize(2).allMatch(ReceivedAnswer::whole);
      assertThat(held.answers().get(1).content()).contains("FAILED", "malformed-tool-call");
      assertThat(line.sent())
          .hasExactlyElementsOfTypes(
              ConversationStarted.class, TurnEnded.class, TurnEnded.class, ConversationEnded.class);
    }
  }

  @Test
  void anotherFailureThanInTheUndisturbedRunIsNotTheSame() throws Exception {
    FakeTransport line =
        new FakeTransport(
            id -> failure(id.equals("calm-1") ? "other" : "malformed-tool-call", false));
    CallerScript second = new CallerScript(1, 1, false, SCRIPT.turns());
    try (CallerPool callers = new CallerPool(line, 2, List.of(SCRIPT, second))) {
      List<ReceivedConversation> held = callers.baseline();
      ReceivedAnswer first = held.get(0).answers().get(0);

      assertThat(AnswerDiff.of("answer", held.get(0).answers().get(1), first).same()).isTrue();
      assertThat(AnswerDiff.of("answer", held.get(1).answers().get(0), first).differences())
          .singleElement()
          .asString()
          .contains("failed with other", "expected", "failed with malformed-tool-call");
    }
  }

  @Test
  void aConversationThatFailsIsInTrouble() throws Exception {
    FakeTransport line = new FakeTransport(id -> failure("state-lost", true));
    try (CallerPool callers = new CallerPool(line, 1, List.of(SCRIPT))) {
      assertThat(callers.baseline().get(0).problems())
          .singleElement()
          .asString()
          .contains("state-lost");
    }
  }

  @Test
  void whatIsLostOnTheWayIsTroubleAndEndsTheCaller() throws Exception {
    FakeTransport line = new FakeTransport(id -> failure("malformed-tool-call", false));
    try (CallerPool callers = new CallerPool(line, 1, List.of(SCRIPT))) {
      List<ReceivedConversation> baseline = callers.baseline();
      line.breakWith("record expired");
      callers.begin(1, baseline);
      callers.awaitEnd();

      assertThat(callers.conversations())
          .singleElement()
          .satisfies(
              live -> assertThat(live.problems()).singleElement().isEqualTo("record expired"));
    }
  }

  private static ConversationFailed failure(String code, boolean terminal) {
    return new ConversationFailed(code, "as told", terminal, -1L);
  }
}
