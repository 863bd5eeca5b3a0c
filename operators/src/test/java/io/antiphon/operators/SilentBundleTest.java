package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SettingsChanged;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A bundle without a detokenizer answers in text and refuses by name to be heard. */
class SilentBundleTest extends OneCaller {
  private static final String WHY =
      "mode is SPEECH_TO_SPEECH, expected SPEECH_TO_TEXT: the bundle has no detokenizer";

  @Override
  FakeModel model() {
    return prompt -> "an answer of some words";
  }

  @BeforeEach
  void hasNoDetokenizer() {
    chain.host.speaks = false;
  }

  private InboundRecord started(Mode mode) {
    return script.event(Script.settings(mode).build());
  }

  @Test
  void itAnswersInText() throws Exception {
    chain.play(started(Mode.SPEECH_TO_TEXT), script.text("one"));
    assertThat(chain.answers()).containsExactly("an answer of some words");
    assertThat(chain.bodies(ConversationFailed.class)).isEmpty();
  }

  @Test
  void aConversationThatWantsToHearItIsRefused() throws Exception {
    chain.play(started(Mode.SPEECH_TO_SPEECH), script.text("one"));
    assertThat(chain.bodies(ConversationFailed.class).get(0).getMessage()).contains(WHY);
    assertThat(chain.answers()).isEmpty();
  }

  @Test
  void laterWishesToHearItChangeNothing() throws Exception {
    chain.play(
        started(Mode.SPEECH_TO_TEXT),
        script.event(SettingsChanged.newBuilder().setMode(Mode.SPEECH_TO_SPEECH).build()),
        script.event(AnswerRequested.newBuilder().setMode(Mode.SPEECH_TO_SPEECH).build()),
        script.text("one"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.UNSUPPORTED_EVENT, FailureCodes.UNSUPPORTED_EVENT);
    assertThat(chain.answers()).containsExactly("an answer of some words");
  }
}
