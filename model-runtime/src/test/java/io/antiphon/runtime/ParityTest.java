package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.manifest.Manifest.Graph;
import io.antiphon.runtime.parity.Parity;
import io.antiphon.runtime.parity.ParityReport;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class ParityTest {
  @Test
  void everyStageOfBundleAAgreesWithTheReference() {
    agrees(Goldens.A);
  }

  @Test
  void everyStageOfBundleBAgreesWithTheReference() {
    agrees(Goldens.B);
  }

  @Test
  void everyStageOfBundleCAgreesWithTheReference() {
    agrees(Goldens.C);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c"})
  void everyStageAgreesByWeightsToo(String bundle) {
    Path byWeights = Goldens.of(bundle + " by weights");
    assertThat(Bundle.load(byWeights).manifest().graphs()).doesNotContainKey(Graph.STEP);

    agrees(byWeights);
  }

  /** Held-out recordings, each with the answer's case and the transcript's. */
  @Test
  void nanoAnswersRecordingsAsTheReferenceDoes() {
    ParityReport report = new Parity().run(Goldens.NANO_BUNDLE, Goldens.NANO);

    assertThat(report.passed()).as(report.print()).isTrue();
    assertThat(report.stages()).hasSize(4 * (5 + 2));
    assertThat(report.stages()).anyMatch(stage -> stage.name().endsWith("answer.speech_ids"));
  }

  private static void agrees(Path bundle) {
    ParityReport report = new Parity().run(bundle, bundle);

    assertThat(report.passed()).as(report.print()).isTrue();
    assertThat(report.stages()).hasSize(5 * (5 + 4 * 2));
  }
}
