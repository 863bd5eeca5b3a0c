package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.Mode;
import org.junit.jupiter.api.Test;

/** A producer that is gone leaves its conversation to another, with a higher epoch. */
class TakeoverTest extends OneCallerToTheEnd {
  @Test
  void anotherProducerGoesOnAndCountsAnew() throws Exception {
    Script second = script.takeOver(3);
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.text("first"),
        second.text("second"),
        second.text("third"));
    assertThat(chain.answers()).containsExactly("1 FIRST", "2 SECOND", "3 THIRD");
    assertThat(chain.deadLetterCodes()).isEmpty();
  }

  @Test
  void whatThePredecessorStillSendsIsNotUsed() throws Exception {
    Script second = script.takeOver(1);
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        second.text("mine"),
        script.text("late"),
        script.closed(),
        second.text("still mine"));
    assertThat(chain.answers()).containsExactly("1 MINE", "2 STILL MINE");
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.STALE_EPOCH, FailureCodes.STALE_EPOCH);
    assertThat(chain.failures()).isEmpty();
  }

  @Test
  void whatWasHeldForThePredecessorsMissingRecordsIsUsedFirst() throws Exception {
    Script second = script.takeOver(1);
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    script.skip(1);
    chain.play(script.text("held"), second.text("mine"));
    assertThat(chain.answers()).containsExactly("1 HELD", "2 MINE");
    assertThat(chain.failures()).containsExactly(FailureCodes.SEQUENCE_GAP);
  }

  @Test
  void whoeverTakesOverWhatIsOverIsTold() throws Exception {
    Script second = script.takeOver(1);
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.closed());
    chain.play(second.text("hello"), second.text("hello?"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.CONVERSATION_ENDED, FailureCodes.CONVERSATION_ENDED);
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getCode, ConversationFailed::getTerminal)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(FailureCodes.CONVERSATION_ENDED, true));
  }

  @Test
  void anEpochBelowZeroIsADeadLetter() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.takeOver(-1).text("x"));
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.INVALID_EPOCH);
    chain.play(script.text("y"));
    assertThat(chain.answers()).containsExactly("1 Y");
  }
}
