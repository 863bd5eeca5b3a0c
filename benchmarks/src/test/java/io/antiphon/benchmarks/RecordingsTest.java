package io.antiphon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingsTest {
  private static final int SECOND = Recordings.SAMPLE_RATE;

  @Test
  void aLongQuestionEndsWithItsRecordingAndHasSilenceBefore() {
    Recordings recordings = new Recordings(List.of(tone(1, 0.5f), tone(2, 0.25f)));
    float[] question = recordings.question(3, 6);
    assertThat(question).hasSize(6 * SECOND);
    assertThat(question[6 * SECOND - 1]).isEqualTo(0.25f);
    assertThat(question[4 * SECOND]).isEqualTo(0.25f);
    assertThat(question[4 * SECOND - 1]).isZero();
  }

  @Test
  void aRecordingIsNeverCut() {
    Recordings recordings = new Recordings(List.of(tone(3, 0.5f)));
    assertThat(recordings.question(4, 1)).hasSize(3 * SECOND);
  }

  @Test
  void theShippedRecordingsAreQuestionsWithoutTools() throws Exception {
    assertThat(Recordings.read(Path.of("..", "samples")).questions()).hasSizeGreaterThan(2);
  }

  private static float[] tone(int seconds, float level) {
    float[] samples = new float[seconds * SECOND];
    java.util.Arrays.fill(samples, level);
    return samples;
  }
}
