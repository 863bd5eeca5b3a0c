package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.dialogue.StepsEncoding;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.schemas.Mode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the state of a conversation grows. */
class StateSizeTest {
  private static final int GROUPS_PER_SECOND = 5;

  /** Bytes of an answer's minute: what may be, and so what each of its steps may be. */
  private static final int ANSWER_MINUTE = 20_000;

  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @Test
  void callerSpeechCostsItsGroupsAndLittleMore() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("a-conversation-id-of-36-characters--");
      chain.play(script.started(Mode.SPEECH_TO_TEXT), script.audio(4000));
      long before = size(chain);
      for (int piece = 0; piece < 4; piece++) {
        chain.play(script.audio(5000));
      }
      int groups = 20 * GROUPS_PER_SECOND;
      assertThat(size(chain) - before)
          .isBetween(
              (long) groups * TestBundle.HIDDEN * Float.BYTES,
              (long) groups * (TestBundle.HIDDEN * Float.BYTES + 8));
    }
  }

  @Test
  void whatIsForgottenTakesNoState() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_TEXT));
      long largest = 0;
      long last = 0;
      for (int turn = 0; turn < 30; turn++) {
        chain.play(script.audio(2000), script.ended());
        last = size(chain);
        largest = Math.max(largest, last);
      }
      // Eight rounds of ten groups, and texts.
      assertThat(largest).isLessThan(4000);
      chain.play(script.closed());
      // An ended conversation is remembered, so that late records are recognised.
      assertThat(size(chain)).isLessThan(200).isLessThan(last);
    }
  }

  @Test
  void anAnswerOfAMinuteIsSmall() throws Exception {
    List<GenerationStep> steps = new ArrayList<>();
    int[] drawn = {6560, 6559, 6558, 6557, 6556};
    for (int index = 0; index < 60 * GROUPS_PER_SECOND; index++) {
      boolean delayed = index % 2 == 0;
      steps.add(
          new GenerationStep(index, 151_000, delayed ? new int[] {1, 2, 3, 4, 5} : drawn, drawn));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StepsEncoding.FORMAT.put(steps, new DataOutputStream(bytes));
    assertThat(bytes.size()).isLessThan(ANSWER_MINUTE / 2);
  }

  private static long size(Chain chain) throws Exception {
    chain.snapshot();
    return chain.stateBytes();
  }
}
