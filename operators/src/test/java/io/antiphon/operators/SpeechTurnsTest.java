package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnTaken;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;

/** Turns that the speech detector finds. */
class SpeechTurnsTest extends OneCaller {
  /** Sound below what the tests' detector takes for speech. */
  private static final double NOISE = 0.005;

  private static final String LONG = "one two three four five six seven eight";

  @Override
  FakeModel model() {
    return prompt -> LONG;
  }

  @Test
  void tellsWhereSpeechIsAndWhichTurnItBecame() throws Exception {
    chain.play(
        script.event(Script.speech(Mode.SPEECH_TO_TEXT, false).build()),
        script.audio(1024, NOISE),
        script.audio(1024),
        script.audio(1024, NOISE));
    assertThat(chain.bodies(SpeechStarted.class))
        .extracting(SpeechStarted::getMillis)
        .containsExactly(1024L);
    assertThat(chain.bodies(SpeechStopped.class))
        .extracting(SpeechStopped::getMillis)
        .containsExactly(2048L);
    List<TextResponse> turn =
        chain.text.stream().filter(response -> response.getTurn() == 0).toList();
    assertThat(turn.get(0).getSequence()).isZero();
    assertThat(turn.get(0).getBody()).isEqualTo(new TurnTaken(0, 2048L));
    assertThat(chain.answers()).containsExactly(LONG);
    // 0.2 s of prefix, 1 s of speech, 0.3 s without.
    assertThat(chain.bodies(TurnCompleted.class).get(0).getUsage().getAudioGroups())
        .isBetween(7, 8);
    AnswersTest.assertNumbered(chain);
  }

  @Test
  void speechStopsTheAnswerWhereTheCallerWantsIt() throws Exception {
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_SPEECH, true).build()));
    chain.send(script.text("hi")).work(20);
    assertThat(chain.speech).isNotEmpty();
    chain.send(script.audio(100));
    assertThat(chain.bodies(TurnCompleted.class))
        .extracting(TurnCompleted::getFinishReason)
        .containsExactly(FinishReason.INTERRUPTED);
  }

  @Test
  void otherwiseTheAnswerGoesOn() throws Exception {
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_SPEECH, false).build()));
    chain.send(script.text("hi")).work(20);
    chain.send(script.audio(100)).settle();
    assertThat(chain.bodies(TurnCompleted.class))
        .extracting(TurnCompleted::getFinishReason)
        .containsExactly(FinishReason.STOP);
  }

  @Test
  void soundWithoutSpeechBeginsNoTurn() throws Exception {
    chain.play(script.event(Script.speech(Mode.SPEECH_TO_TEXT, true).build()));
    for (int i = 0; i < 20; i++) {
      chain.play(script.audio(1000, NOISE));
    }
    assertThat(chain.text).isEmpty();
  }

  @Test
  void aTurnThatTheCallerEndsWithoutSpeechNeverReachesTheModel() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.audio(3000, NOISE),
        script.ended(),
        script.audio(500, NOISE),
        script.audio(200),
        script.ended());
    assertThat(chain.failures()).containsExactly(FailureCodes.NO_SPEECH);
    assertThat(chain.answers()).containsExactly("", LONG);
  }

  @Test
  void whatTheCallerEndsIsEndedOnce() throws Exception {
    chain.play(
        script.event(Script.speech(Mode.SPEECH_TO_TEXT, false).build()),
        script.audio(810),
        script.audio(500, NOISE),
        script.ended(),
        script.audio(810),
        script.ended(),
        script.ended());
    assertThat(chain.answers()).containsExactly(LONG, LONG);
    assertThat(chain.failures()).isEmpty();
    assertThat(chain.bodies(SpeechStopped.class)).hasSize(2);
    assertThat(chain.bodies(SpeechStarted.class))
        .extracting(SpeechStarted::getMillis)
        .containsExactly(0L, 1310L);
  }

  @Test
  void restoredAnywhereItTellsTheSame() throws Exception {
    List<InboundRecord> story = new ArrayList<>();
    story.add(script.event(Script.speech(Mode.SPEECH_TO_TEXT, true).build()));
    for (double level : new double[] {0, 0.3, 0.3, NOISE, NOISE, 0.3, NOISE, NOISE, 0.3}) {
      story.add(script.audio(150, level));
      story.add(script.audio(77, level));
    }
    chain.send(story.toArray(InboundRecord[]::new)).settle();
    Set<TextResponse> undisturbed = Chain.told(List.of(chain));
    assertThat(undisturbed).hasSize(7);
    for (int sent = 0; sent < story.size(); sent++) {
      Chain first = Chain.on(new HashMapStateBackend(), bundle, model(), null);
      first.send(story.subList(0, sent).toArray(InboundRecord[]::new));
      List<OperatorSubtaskState> states = first.snapshot();
      first.close();
      try (Chain second = Chain.on(new HashMapStateBackend(), bundle, model(), states)) {
        second.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
        assertThat(Chain.told(List.of(first, second)))
            .as("after %d records", sent)
            .isEqualTo(undisturbed);
      }
    }
  }
}
