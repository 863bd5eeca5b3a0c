package io.antiphon.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.TurnEnded;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers go on where an answer fails, and say so where what they sent was lost. */
@Timeout(60)
class CallersTest {
  private static final Sample SAMPLE = new Sample("sample", new short[320], "done");
  private static final Script SCRIPT = new Script(0, 1, false, List.of(SAMPLE, SAMPLE));

  @Test
  void anAnswerThatFailsIsAnAnswer() throws Exception {
    FakeLine line = new FakeLine(id -> failure("malformed-tool-call", false));
    try (Callers callers = new Callers(line, 1, List.of(SCRIPT))) {
      Conversation held = callers.calm().get(0);

      assertThat(held.troubles()).isEmpty();
      assertThat(held.answers()).hasSize(2).allMatch(Heard::whole);
      assertThat(held.answers().get(1).content()).contains("FAILED", "malformed-tool-call");
      assertThat(line.sent())
          .hasExactlyElementsOfTypes(
              ConversationStarted.class, TurnEnded.class, TurnEnded.class, ConversationEnded.class);
    }
  }

  @Test
  void anotherFailureThanInTheUndisturbedRunIsNotTheSame() throws Exception {
    FakeLine line =
        new FakeLine(id -> failure(id.equals("calm-1") ? "other" : "malformed-tool-call", false));
    Script second = new Script(1, 1, false, SCRIPT.turns());
    try (Callers callers = new Callers(line, 2, List.of(SCRIPT, second))) {
      List<Conversation> held = callers.calm();
      Heard first = held.get(0).answers().get(0);

      assertThat(Verdict.of("answer", held.get(0).answers().get(1), first).same()).isTrue();
      assertThat(Verdict.of("answer", held.get(1).answers().get(0), first).differences())
          .singleElement()
          .asString()
          .contains("failed with other", "expected", "failed with malformed-tool-call");
    }
  }

  @Test
  void aConversationThatFailsIsInTrouble() throws Exception {
    FakeLine line = new FakeLine(id -> failure("state-lost", true));
    try (Callers callers = new Callers(line, 1, List.of(SCRIPT))) {
      assertThat(callers.calm().get(0).troubles())
          .singleElement()
          .asString()
          .contains("state-lost");
    }
  }

  @Test
  void whatIsLostOnTheWayIsTroubleAndEndsTheCaller() throws Exception {
    FakeLine line = new FakeLine(id -> failure("malformed-tool-call", false));
    try (Callers callers = new Callers(line, 1, List.of(SCRIPT))) {
      List<Conversation> calm = callers.calm();
      line.breakWith("record expired");
      callers.begin(1, calm);
      callers.awaitEnd();

      assertThat(callers.conversations())
          .singleElement()
          .satisfies(
              live -> assertThat(live.troubles()).singleElement().isEqualTo("record expired"));
    }
  }

  private static ConversationFailed failure(String code, boolean terminal) {
    return new ConversationFailed(code, "as told", terminal, -1L);
  }
}
