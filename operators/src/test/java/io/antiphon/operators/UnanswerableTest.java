package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.dialogue.ConversationDialogue;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Questions and tools' results to which there is no answer: each is told, and the next one works.
 */
class UnanswerableTest extends OneCallerToTheEnd {
  @Test
  void resultsOfCallsThatNobodyMade() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT), script.result("call-7-0", "x"), script.text("x"));
    assertThat(chain.failures()).containsExactly(FailureCodes.UNKNOWN_TOOL_CALL);
    assertThat(chain.text.get(0).getTurn()).isEqualTo(ConversationDialogue.NO_TURN);
    assertThat(chain.answers()).containsExactly("1 X");
  }

  @Test
  void callsThatAreNoCalls() throws Exception {
    for (String call : List.of("<call>{no json</call>", "<call>{\"name\": 3}</call>", "<call>{")) {
      try (Chain other = Chain.open(bundle, prompt -> call)) {
        Script caller = new Script("c");
        other.play(caller.started(Mode.SPEECH_TO_TEXT), caller.text("x"));
        assertThat(other.failures()).containsExactly(FailureCodes.MALFORMED_TOOL_CALL);
        assertThat(other.bodies(TurnCompleted.class).get(0).getFinishReason())
            .isEqualTo(FinishReason.FAILED);
      }
    }
  }

  @Test
  void questionsBeyondTheContext() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("x".repeat(400)), script.text("y"));
    assertThat(chain.failures()).containsExactly(FailureCodes.CONTEXT_LIMIT);
    assertThat(chain.text.get(0).getTurn()).isZero();
    assertThat(chain.answers()).containsExactly("", "1 Y");
  }

  @Test
  void spokenQuestionsBeyondTheContext() throws Exception {
    Bundle small = TestBundle.load(directory.resolve("small"), 150);
    try (Chain other = new Chain(new FakeHost(small, 150, prompt -> "ok"), null)) {
      Script caller = new Script("c");
      other.play(caller.started(Mode.SPEECH_TO_TEXT), caller.text("hi"));
      for (int i = 0; i < 7; i++) {
        other.play(caller.audio(4000));
      }
      // Told while the caller still speaks, and once.
      assertThat(other.failures()).containsExactly(FailureCodes.CONTEXT_LIMIT);
      other.play(caller.ended(), caller.audio(2000), caller.ended());
      assertThat(other.failures()).containsExactly(FailureCodes.CONTEXT_LIMIT);
      assertThat(other.answers()).containsExactly("ok", "", "ok");
    }
  }

  @Test
  void instructionsBeyondTheContext() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("x".repeat(1000)).build()),
        script.text("y"),
        script.audio(2400),
        script.ended());
    assertThat(chain.failures())
        .containsExactly(FailureCodes.CONTEXT_LIMIT, FailureCodes.CONTEXT_LIMIT);
  }

  @Test
  void tooManyQuestionsAtOnce() throws Exception {
    chain.send(script.started(Mode.SPEECH_TO_TEXT));
    for (int i = 0; i < 10; i++) {
      chain.send(script.text("q" + i));
    }
    chain.settle();
    assertThat(chain.failures()).hasSize(6).containsOnly(FailureCodes.TOO_MANY_WAITING);
    assertThat(chain.answers()).filteredOn(answer -> !answer.isEmpty()).hasSize(4);
    assertThat(chain.text.stream().map(TextResponse::getTurn).distinct().toList()).hasSize(10);
  }

  @Test
  void writingEndsASpokenTurn() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.audio(4500),
        script.text("rather so"),
        script.ended());
    assertThat(chain.failures())
        .containsExactly(FailureCodes.AUDIO_DISCARDED, FailureCodes.EMPTY_TURN);
    assertThat(chain.answers()).containsExactly("1 RATHER SO", "");
  }
}
