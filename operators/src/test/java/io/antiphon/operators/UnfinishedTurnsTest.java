package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.TurnTaken;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/**
 * Turns whose end is judged by the words so far: the tests' recogniser hears an unfinished question
 * in one stretch of sound and a whole one in two.
 */
class UnfinishedTurnsTest extends OneCaller {
  private static final int SURE = 320;
  private static final int UNFINISHED = 1_280;

  private static ConversationStarted started(Integer unfinished) {
    TurnDetection.Builder detection =
        TurnDetection.newBuilder(Script.speech(Mode.SPEECH_TO_TEXT, true).getTurnDetection())
            .setSilenceMillis(SURE)
            .setUnfinishedSilenceMillis(unfinished);
    return Script.speech(Mode.SPEECH_TO_TEXT, true).setTurnDetection(detection.build()).build();
  }

  private void play(double... levels) throws Exception {
    for (double level : levels) {
      chain.play(script.audio(160, level), script.audio(160, level));
    }
  }

  private List<Long> stopped() {
    return chain.bodies(SpeechStopped.class).stream().map(SpeechStopped::getMillis).toList();
  }

  @Test
  void aPauseInAnUnfinishedQuestionIsWaitedThrough() throws Exception {
    chain.play(script.event(started(UNFINISHED)));
    play(0, 0.3, 0.3, 0, 0, 0.3);
    assertThat(stopped()).isEmpty();
    play(0, 0);
    assertThat(stopped()).containsExactly(1_920L);
    assertThat(chain.bodies(SpeechStarted.class)).hasSize(1);
    assertThat(chain.bodies(TurnCompleted.class)).hasSize(1);
  }

  @Test
  void anUnfinishedQuestionThatNobodyFinishesEndsAsWell() throws Exception {
    chain.play(script.event(started(UNFINISHED)));
    play(0, 0.3, 0.3, 0, 0, 0);
    assertThat(stopped()).isEmpty();
    play(0, 0);
    assertThat(stopped()).containsExactly(960L);
    assertThat(chain.bodies(TurnTaken.class)).containsExactly(new TurnTaken(0, 960L));
  }

  @Test
  void withoutJudgementTheFirstPauseEnds() throws Exception {
    chain.play(script.event(started(null)));
    play(0, 0.3, 0.3, 0, 0, 0.3, 0, 0);
    assertThat(stopped()).containsExactly(960L, 1_920L);
  }

  @Test
  void aTimeThatCannotBeIsRefusedByName() throws Exception {
    chain.play(script.event(started(100)));
    assertThat(chain.failures()).containsExactly(FailureCodes.INVALID_SETTINGS);
    chain.play(
        new Script("d")
            .event(
                Script.settings(Mode.SPEECH_TO_TEXT)
                    .setTurnDetection(
                        TurnDetection.newBuilder()
                            .setType("silence")
                            .setUnfinishedSilenceMillis(2_000)
                            .build())
                    .build()));
    assertThat(chain.failures())
        .containsExactly(FailureCodes.INVALID_SETTINGS, FailureCodes.INVALID_SETTINGS);
  }

  @Test
  void whatComesBehindAPauseWaitsForTheJudgement() throws Exception {
    chain.play(script.event(started(UNFINISHED)));
    chain.send(script.audio(640, 0.3), script.audio(480, 0));
    chain.send(script.ended(), script.text("hi"), script.ended());
    assertThat(chain.bodies(SpeechStopped.class)).isEmpty();
    chain.settle();
    assertThat(stopped()).containsExactly(640L);
    assertThat(chain.bodies(TurnCompleted.class)).hasSize(2);
    assertThat(chain.deadLetterCodes()).isEmpty();
  }

  @Test
  void whatIsHeldWhenTheConversationEndsIsADeadLetter() throws Exception {
    chain.play(script.event(started(UNFINISHED)));
    chain.send(script.audio(640, 0.3), script.audio(480, 0));
    chain.send(script.closed(), script.text("hi"));
    chain.settle();
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.CONVERSATION_ENDED);
    assertNothingIsLeft();
  }

  @Test
  void theEndOfTheInputLosesNothingThatIsHeld() throws Exception {
    chain.play(script.event(started(UNFINISHED)));
    chain.send(script.audio(640, 0.3), script.audio(480, 0), script.text("hi"));
    script.skip(1);
    chain.send(script.text("there"));
    Thread host = chain.host.start();
    chain.endInput();
    chain.host.stop();
    host.join();
    assertThat(chain.failures()).contains(FailureCodes.SEQUENCE_GAP);
    assertThat(chain.deadLetterCodes()).isEmpty();
    assertThat(chain.bodies(TurnCompleted.class)).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void inAnyPiecesAndRestoredAnywhereItTellsTheSame() throws Exception {
    List<InboundRecord> story = story(new Script("c"), 100_000);
    chain.send(story.toArray(InboundRecord[]::new)).settle();
    Set<TextResponse> undisturbed = Chain.told(List.of(chain));
    assertThat(undisturbed).hasSize(9);
    Random random = new Random(7);
    for (int round = 0; round < 12; round++) {
      List<InboundRecord> pieces = story(new Script("c"), 60 + random.nextInt(400));
      int sent = random.nextInt(pieces.size());
      Chain first = Chain.open(bundle, model());
      first.send(pieces.subList(0, sent).toArray(InboundRecord[]::new));
      first.work(random.nextInt(20));
      List<OperatorSubtaskState> states = first.snapshot();
      first.close();
      try (Chain second = Chain.restore(bundle, model(), states)) {
        second.send(pieces.subList(sent, pieces.size()).toArray(InboundRecord[]::new)).settle();
        assertThat(Chain.told(List.of(first, second)))
            .as("round %d, after %d of %d records", round, sent, pieces.size())
            .isEqualTo(undisturbed);
      }
    }
  }

  /** Three turns: one with a pause, one that is never finished, one without a pause. */
  private static List<InboundRecord> story(Script script, int longest) {
    int[] millis = {320, 640, 600, 320, 640, 640, 1_600, 320, 200, 320, 1_000};
    List<InboundRecord> story = new ArrayList<>();
    story.add(script.event(started(UNFINISHED)));
    for (int i = 0; i < millis.length; i++) {
      for (int left = millis[i]; left > 0; left -= longest) {
        story.add(script.audio(Math.min(left, longest), i % 2 == 0 ? 0 : 0.3));
      }
    }
    return story;
  }
}
