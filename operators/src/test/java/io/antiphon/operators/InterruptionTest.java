package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnCompleted;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The caller speaks over the answer. */
class InterruptionTest extends OneCaller {
  private static final String LONG = "one two three four five six seven eight";

  @Override
  FakeModel model() {
    // The second answer shows the history that the model sees.
    return prompt -> prompt.contains("U:and") ? prompt.substring(prompt.indexOf("U:hi")) : LONG;
  }

  @Override
  @AfterEach
  void close() throws Exception {
    chain.play(script.closed());
    AnswersTest.assertNumbered(chain);
    super.close();
  }

  private List<FinishReason> reasons() {
    return chain.bodies(TurnCompleted.class).stream().map(TurnCompleted::getFinishReason).toList();
  }

  @Test
  void theAnswerStopsAtOnce() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("hi")).work(20);
    assertThat(chain.speech).isNotEmpty();
    int pieces = chain.speech.size();
    chain.send(script.interrupted());
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED);
    assertThat(LONG).startsWith(chain.answers().get(0)).isNotEqualTo(chain.answers().get(0));
    assertThat(chain.speech).hasSize(pieces + 1);
    AnswersTest.assertSeamless(chain.speech, 48);

    int records = chain.text.size();
    chain.settle(); // what the host was doing comes to nothing
    assertThat(chain.text).hasSize(records);
    assertThat(chain.speech).hasSize(pieces + 1);
  }

  @Test
  void theHistoryKeepsOnlyWhatWasHeard() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.play(script.played(0, audio / 2), script.interrupted(), script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:one two three four\nU:and\nA:");
  }

  @Test
  void aReportThatComesAfterTheInterruptionCountsAsWell() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.play(
        script.audio(2500), // the caller began before the interruption was noticed
        script.interrupted(),
        script.played(0, audio / 4));
    chain.play(script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:one two\nU:and\nA:");
  }

  /** A gateway went by the clock; then the client says what it played. */
  @Test
  void aReportOnLessOfTheSameAnswerCorrects() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.play(script.played(0, audio), script.interrupted(0), script.played(0, audio / 2));
    chain.play(script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:one two three four\nU:and\nA:");
  }

  @Test
  void withoutAReportTheHistoryKeepsWhatWasMade() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"), script.interrupted());
    chain.play(script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:" + LONG + "\nU:and\nA:");
  }

  @Test
  void audioThatIsMadeButNotYetSpokenStops() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("hi"));
    // All text is there, the detokenizer is behind by some groups.
    while (!chain.deltas().equals(LONG)) {
      chain.work(1);
    }
    chain.send(script.interrupted());
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED);
    AnswersTest.assertSeamless(chain.speech, 48);
  }

  @Test
  void questionsThatWaitAreNotAnsweredAnyMore() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("hi"), script.text("there"), script.interrupted());
    chain.play(script.text("and"));
    assertThat(reasons())
        .containsExactly(FinishReason.INTERRUPTED, FinishReason.INTERRUPTED, FinishReason.STOP);
    assertThat(chain.answers().get(2)).isEqualTo("U:hi\nA:\nU:there\nA:\nU:and\nA:");
  }

  @Test
  void anInterruptionThatNamesATurnStopsNoneBehindIt() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("hi")).work(20);
    chain.send(script.text("there"), script.interrupted(0));
    chain.settle();
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
  }

  @Test
  void anInterruptionThatComesTooLateStopsNothing() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    chain.send(script.text("there")).work(20);
    chain.send(script.interrupted(0), script.interrupted(7));
    chain.settle();
    assertThat(reasons()).containsExactly(FinishReason.STOP, FinishReason.STOP);
  }

  @Test
  void anAnswerThatIsNamedWhileItIsPlayedKeepsWhatWasHeard() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.play(script.played(0, audio / 2), script.interrupted(0), script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:one two three four\nU:and\nA:");
  }

  @Test
  void aTurnThatCannotBeIsADeadLetter() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.interrupted(-2), script.text("hi"));
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.UNSUPPORTED_EVENT);
    assertThat(reasons()).containsExactly(FinishReason.STOP);
  }

  @Test
  void anInterruptionPassesTheAudioThatIsStillAtTheEncoder() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.text("hi")).work(20);
    chain.send(script.audio(2500)); // its window waits behind everything else
    chain.send(script.interrupted());
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED);
    chain.settle();
    chain.play(script.ended());
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
  }

  @Test
  void aTurnThatIsStillAtTheEncoderIsInterruptedAsWell() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH));
    chain.send(script.audio(2500), script.ended(), script.interrupted(), script.text("then"));
    chain.settle();
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
  }

  @Test
  void withNothingToInterruptNothingHappens() throws Exception {
    chain.play(script.interrupted());
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.NOT_STARTED);
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.interrupted(), script.text("hi"));
    assertThat(reasons()).containsExactly(FinishReason.STOP);
  }

  @Test
  void aTranscriptUnderWayIsGivenUp() throws Exception {
    chain.play(
        script.event(Script.settings(Mode.SPEECH_TO_SPEECH).setTranscribeInput(true).build()),
        script.audio(2200));
    chain.send(script.ended()).work(8);
    chain.send(script.interrupted());
    chain.settle();
    chain.play(script.audio(400), script.ended());
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
  }

  @Test
  void reportsOnAnswersThatNeverWereAreIgnored() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.play(
        script.played(-5, 10),
        script.played(7, 10),
        script.played(0, audio / 2),
        script.interrupted(),
        script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:one two three four\nU:and\nA:");
  }
}
