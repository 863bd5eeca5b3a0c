package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnCompleted;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages that may have one piece of work under way: further input waits for the host. */
class BackPressureTest {
  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @Test
  void aFullStageLosesNothingAcrossACheckpoint() throws Exception {
    Script undisturbed = new Script("c");
    List<String> expected;
    try (Chain wide = Chain.open(bundle, FakeModel.ECHO)) {
      wide.play(undisturbed.started(Mode.SPEECH_TO_TEXT));
      wide.play(undisturbed.audio(4500), undisturbed.audio(4500), undisturbed.audio(2500));
      wide.play(undisturbed.ended());
      expected = wide.answers();
    }
    assertThat(expected).hasSize(1);

    Script script = new Script("c");
    List<OperatorSubtaskState> states;
    try (Chain narrow = Chain.narrow(bundle, FakeModel.ECHO, null)) {
      narrow.play(script.started(Mode.SPEECH_TO_TEXT));
      Thread host = narrow.host.start();
      // Every record but the first waits for the windows before it, and so may the barrier.
      narrow.send(script.audio(4500), script.audio(4500), script.audio(2500));
      states = narrow.snapshot();
      narrow.host.stop();
      host.join();
    }
    try (Chain later = Chain.narrow(bundle, FakeModel.ECHO, states)) {
      Thread host = later.host.start();
      later.send(script.ended()).flowUntil(() -> !later.answers().isEmpty());
      later.host.stop();
      host.join();
      assertThat(later.answers()).isEqualTo(expected);
    }
  }

  @Test
  void interruptionsPassAFullStage() throws Exception {
    Script script = new Script("c");
    try (Chain narrow = Chain.narrow(bundle, prompt -> "one two three four five", null)) {
      narrow.play(script.started(Mode.SPEECH_TO_SPEECH));
      narrow.send(script.text("hi")).work(8);
      // The encoder and the response stage have as much as they may have, and the host is dead
      // slow.
      narrow.send(script.audio(2500), script.interrupted());
      assertThat(narrow.bodies(TurnCompleted.class))
          .extracting(TurnCompleted::getFinishReason)
          .containsExactly(FinishReason.INTERRUPTED);
    }
  }
}
