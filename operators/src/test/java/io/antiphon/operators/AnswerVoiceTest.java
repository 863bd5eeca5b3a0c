package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.Voice;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.Style;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Who speaks: the bundle's voices by their names. */
class AnswerVoiceTest extends OneCaller {
  @Override
  FakeModel model() {
    return prompt -> "an answer of some words";
  }

  private InboundRecord started(ConversationStarted.Builder settings) {
    return script.event(settings.build());
  }

  private static ConversationStarted.Builder speaking() {
    return Script.settings(Mode.SPEECH_TO_SPEECH);
  }

  private static Style by(String voice) {
    return Style.newBuilder().setVoice(voice).build();
  }

  private List<String> spoken() {
    return chain.host.spoken.stream().map(Voice::name).toList();
  }

  @Test
  void theNamedVoiceSpeaks() throws Exception {
    chain.play(started(speaking().setVoice("Bert")), script.text("one"), script.text("two"));
    assertThat(spoken()).containsExactly("Bert", "Bert");
    assertThat(chain.host.spoken).as("each turn draws its own noise").doesNotHaveDuplicates();
  }

  @Test
  void theBundlesOwnSpeaksWhereNobodyIsNamed() throws Exception {
    chain.play(started(speaking()), script.text("one"));
    assertThat(spoken()).containsExactly("");
  }

  @Test
  void aStyleThatNamesAVoiceIsTheSame() throws Exception {
    chain.play(started(speaking().setStyle(by("Bert"))), script.text("one"));
    assertThat(spoken()).containsExactly("Bert");
  }

  @Test
  void theVoiceChangesInMidSessionAndForOneAnswer() throws Exception {
    chain.play(
        started(speaking().setVoice("Ann")),
        script.text("one"),
        script.event(SettingsChanged.newBuilder().setStyle(by("Bert")).build()),
        script.text("two"),
        script.event(AnswerRequested.newBuilder().setTag("r").setStyle(by("Ann")).build()),
        script.text("three"),
        script.event(SettingsChanged.newBuilder().setInstructions("briefly").build()),
        script.text("four"),
        script.event(SettingsChanged.newBuilder().setStyle(by(null)).build()),
        script.text("five"));
    assertThat(spoken()).containsExactly("Ann", "Bert", "Ann", "Bert", "Bert", "");
  }

  @Test
  void unknownVoicesAreRefusedWithTheKnownOnes() throws Exception {
    chain.play(started(speaking().setVoice("Carl").setStyle(by("Ann"))));
    assertThat(chain.bodies(ConversationFailed.class).get(0).getMessage())
        .contains("voice is 'Carl', expected one of Ann, Bert")
        .contains("voice and style.voice are both given, expected one of the two");
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.INVALID_SETTINGS);
  }

  @Test
  void aBundleWithOneVoiceTakesNoNames() throws Exception {
    chain.host.voices = List.of();
    chain.play(started(speaking().setVoice("Ann")));
    assertThat(chain.bodies(ConversationFailed.class).get(0).getMessage())
        .isEqualTo("voice is 'Ann', expected null: the bundle has one voice");
  }

  @Test
  void restoredInMidAnswerItGoesOnInTheSameVoice() throws Exception {
    InboundRecord[] records = {
      started(speaking().setVoice("Bert")),
      script.text("one"),
      script.event(AnswerRequested.newBuilder().setTag("r").setStyle(by("Ann")).build())
    };
    for (int work = 0; ; work++) {
      Chain first = Chain.open(bundle, model());
      first.send(records).work(work);
      boolean done = first.host.idle();
      List<OperatorSubtaskState> states = first.snapshot();
      first.close();
      try (Chain second = Chain.restore(bundle, model(), states)) {
        second.settle();
        List<Voice> both = new ArrayList<>(first.host.spoken);
        both.addAll(second.host.spoken);
        assertThat(both.stream().distinct().map(Voice::name))
            .as("after %d pieces of work", work)
            .containsExactly("Bert", "Ann");
      }
      if (done) {
        break;
      }
    }
  }

  @Test
  void anUnknownVoiceInMidSessionChangesNothing() throws Exception {
    chain.play(
        started(speaking().setVoice("Ann")),
        script.event(SettingsChanged.newBuilder().setStyle(by("Carl")).build()),
        script.event(AnswerRequested.newBuilder().setStyle(by("Carl")).build()),
        script.text("one"));
    assertThat(spoken()).containsExactly("Ann");
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.UNSUPPORTED_EVENT, FailureCodes.UNSUPPORTED_EVENT);
  }
}
