package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.schemas.Mode;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the host breaks, the task does; when the task is over, the host may go on. */
class FailureTest {
  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @Test
  void aDeadHostFailsTheTask() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      chain.host.failureListeners.get(0).accept(new IllegalStateException("thread died"));
      assertThatThrownBy(chain::settle)
          .hasStackTraceContaining("the model host died")
          .hasStackTraceContaining("thread died");
    }
  }

  @Test
  void brokenWorkFailsTheTask() throws Exception {
    FakeModel broken =
        prompt -> {
          throw new HostClosedException("gone");
        };
    try (Chain chain = Chain.open(bundle, broken)) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_TEXT));
      assertThatThrownBy(() -> chain.play(script.text("x"))).hasStackTraceContaining("gone");
    }
  }

  @Test
  void resultsThatComeAfterTheEndAreDropped() throws Exception {
    Chain chain = Chain.open(bundle, FakeModel.ECHO);
    Script script = new Script("c");
    chain.send(script.started(Mode.SPEECH_TO_SPEECH), script.text("x"), script.audio(2500));
    chain.close();
    assertThat(chain.host.references).isZero();
    assertThat(chain.host.open).isEmpty();
    while (!chain.host.idle()) {
      chain.host.runOne();
    }
    assertThat(chain.text).isEmpty();
  }

  @Test
  void theEndOfTheInputWaitsForAnswers() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.send(script.started(Mode.SPEECH_TO_SPEECH), script.text("x"), script.text("y"));
      Thread host = chain.host.start();
      chain.endInput();
      chain.host.stop();
      host.join();
      assertThat(chain.answers()).containsExactly("1 X", "2 Y");
      AnswersTest.assertNumbered(chain);
    }
  }

  @Test
  void whatWasOpenedIsGivenBackWhenARestoreFails() throws Exception {
    Chain first = Chain.open(bundle, FakeModel.ECHO);
    Script script = new Script("c");
    first.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("first"));
    first.send(script.text("second")).work(2);
    List<OperatorSubtaskState> states = first.snapshot();
    first.close();

    FakeHost smaller = new FakeHost(bundle, 20, FakeModel.ECHO);
    assertThatThrownBy(() -> new Chain(smaller, states))
        .hasStackTraceContaining("leave 20 positions");
    assertThat(smaller.open).isEmpty();
    assertThat(smaller.references).isZero();
  }
}
