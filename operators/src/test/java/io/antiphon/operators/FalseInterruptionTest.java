package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AnswerStarted;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.NoSpeech;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TurnCompleted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;

/** Short sounds over an answer: backchannels, and interruptions that were none. */
class FalseInterruptionTest extends OneCaller {
  private static final String LONG = "one two three four five six seven eight";

  /** Below what the tests' detector takes for speech. */
  private static final double NOISE = 0.005;

  @Override
  FakeModel model() {
    // The question "and" shows the history that the model sees.
    return prompt -> prompt.contains("U:and") ? prompt.substring(prompt.indexOf("U:hi")) : LONG;
  }

  /** A question whose answer is under way. */
  private void answering() throws Exception {
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).build()));
    chain.send(script.text("hi")).work(20);
    assertThat(chain.speech).isNotEmpty();
    assertThat(chain.bodies(TurnCompleted.class)).isEmpty();
  }

  private List<FinishReason> reasons() {
    return chain.bodies(TurnCompleted.class).stream().map(TurnCompleted::getFinishReason).toList();
  }

  private InboundRecord[] sound(int millis) {
    return new InboundRecord[] {script.audio(millis), script.audio(700, NOISE)};
  }

  @Test
  void aBackchannelChangesNothing() throws Exception {
    chain.host.minimumInterruption = Duration.ofMillis(300);
    chain.close();
    chain = new Chain(chain.host, null);
    answering();
    chain.send(sound(200)).settle();
    assertThat(reasons()).containsExactly(FinishReason.STOP);
    assertThat(chain.answers()).containsExactly(LONG);
    assertThat(chain.bodies(SpeechStarted.class)).isEmpty();
    assertThat(chain.bodies(SpeechStopped.class)).isEmpty();
    assertThat(chain.bodies(NoSpeech.class)).isEmpty();
    chain.play(script.text("and"));
    assertThat(chain.answers().get(1)).isEqualTo("U:hi\nA:" + LONG + "\nU:and\nA:");
  }

  @Test
  void longerSpeechStopsTheAnswerOnceItHasLasted() throws Exception {
    chain.host.minimumInterruption = Duration.ofMillis(300);
    chain.close();
    chain = new Chain(chain.host, null);
    answering();
    chain.send(script.audio(256));
    assertThat(reasons()).isEmpty();
    assertThat(chain.bodies(SpeechStarted.class)).isEmpty();
    chain.send(script.audio(64));
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED);
    assertThat(chain.bodies(SpeechStarted.class))
        .extracting(SpeechStarted::getMillis)
        .containsExactly(0L);
    chain.send(script.audio(500), script.audio(700, NOISE)).settle();
    assertThat(chain.answers()).hasSize(2);
    assertThat(chain.bodies(NoSpeech.class)).isEmpty();
  }

  @Test
  void betweenAnswersShortSpeechIsATurn() throws Exception {
    chain.host.minimumInterruption = Duration.ofMillis(300);
    chain.close();
    chain = new Chain(chain.host, null);
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).build()));
    chain.play(sound(200));
    assertThat(chain.answers()).containsExactly(LONG);
    assertThat(chain.bodies(SpeechStarted.class)).hasSize(1);
  }

  @Test
  void anAnswerThatNobodyInterruptedGoesOn() throws Exception {
    answering();
    chain.send(sound(160)).settle();
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
    // Nothing was reported as played, so all that was made counts as heard.
    assertThat(chain.answers().get(0) + chain.answers().get(1)).isEqualTo(LONG);
    assertThat(chain.bodies(NoSpeech.class)).hasSize(1);
    assertThat(chain.bodies(AnswerStarted.class)).hasSize(1);
    AnswersTest.assertSeamless(
        chain.speech.stream().filter(piece -> piece.getTurn() == 1).toList(), 48);
    AnswersTest.assertNumbered(chain);
    chain.play(script.text("and"));
    assertThat(chain.answers().get(2)).isEqualTo("U:hi\nA:" + LONG + "\nU:and\nA:");
  }

  @Test
  void itGoesOnFromWhereItWasHeard() throws Exception {
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).build()));
    chain.play(script.text("hi"));
    long audio = chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    chain.send(script.text("hi")).work(60);
    chain.send(script.played(1, audio / 8), script.audio(160), script.audio(700, NOISE)).settle();
    assertThat(reasons())
        .containsExactly(FinishReason.STOP, FinishReason.INTERRUPTED, FinishReason.STOP);
    String rest = chain.answers().get(2);
    assertThat(LONG).endsWith(rest);
    assertThat(rest.length()).isBetween(LONG.length() * 3 / 4, LONG.length() - 1);
    long restAudio = chain.bodies(TurnCompleted.class).get(2).getAudioMillis();
    assertThat(restAudio).isBetween(audio - audio / 8, audio - audio / 8 + 200);
  }

  @Test
  void itMayBeStoppedAndGoOnAgain() throws Exception {
    answering();
    chain.send(sound(160)).work(12);
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED);
    chain.send(sound(160)).settle();
    assertThat(reasons())
        .containsExactly(FinishReason.INTERRUPTED, FinishReason.INTERRUPTED, FinishReason.STOP);
    // By media time less of the second was heard than was made, so some of it is said again.
    assertThat(LONG).endsWith(chain.answers().get(2)).contains(chain.answers().get(1));
    assertThat(chain.answers().get(2)).isNotEmpty().isNotEqualTo(LONG);
    chain.play(script.text("and"));
    assertThat(chain.answers().get(3)).isEqualTo("U:hi\nA:" + LONG + "\nU:and\nA:");
  }

  @Test
  void aSpokenQuestionIsAskedAgainWithItsTranscript() throws Exception {
    chain.play(
        script.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).setTranscribeInput(true).build()));
    chain.send(script.audio(1024), script.audio(400, NOISE)).work(30);
    assertThat(chain.speech).isNotEmpty();
    chain.send(sound(160)).settle();
    assertThat(reasons()).containsExactly(FinishReason.INTERRUPTED, FinishReason.STOP);
    assertThat(chain.bodies(TurnCompleted.class).get(1).getUsage().getAudioGroups()).isPositive();
    assertThat(chain.completedTurns.get(1).getQuestion()).isNotEmpty();
    assertThat(chain.completedTurns.get(1).getQuestionType()).isEqualTo("SPOKEN");
  }

  @Test
  void restoredAnywhereItSaysTheSame() throws Exception {
    for (int cut = 0; cut <= 12; cut++) {
      Script caller = new Script("c");
      List<InboundRecord> records = new ArrayList<>();
      InboundRecord start = caller.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).build());
      InboundRecord question = caller.text("hi");
      for (int i = 0; i < 4; i++) {
        records.add(caller.audio(40));
      }
      for (int i = 0; i < 7; i++) {
        records.add(caller.audio(100, NOISE));
      }
      records.add(caller.text("and"));
      Chain first = Chain.on(new HashMapStateBackend(), bundle, model(), null);
      first.play(start);
      first.send(question).work(20);
      first.send(records.subList(0, cut).toArray(InboundRecord[]::new)).work(cut);
      List<OperatorSubtaskState> states = first.snapshot();
      first.close();
      try (Chain second = Chain.on(new HashMapStateBackend(), bundle, model(), states)) {
        second.send(records.subList(cut, records.size()).toArray(InboundRecord[]::new)).settle();
        List<String> answers = new ArrayList<>(first.answers());
        answers.addAll(second.answers());
        assertThat(answers.get(answers.size() - 1))
            .as("after %d records", cut)
            .isEqualTo("U:hi\nA:" + LONG + "\nU:and\nA:");
      }
    }
  }
}
