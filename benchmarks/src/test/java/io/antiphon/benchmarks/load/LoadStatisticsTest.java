package io.antiphon.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadStatisticsTest {
  @Test
  void countsGroupsByThemselvesUntilARestart() {
    LoadStatistics figures = new LoadStatistics();
    figures.firstAudio(0, 120);
    figures.firstAudio(1, 900);
    figures.underrun(1, "caller", 15);
    figures.underrun(1, "caller", 5);
    figures.spoke(0.1, 2);
    figures.heard(0.2);
    assertThat(figures.firstAudio(0)).containsExactly(120.0);
    assertThat(figures.firstAudio(1)).containsExactly(900.0);
    assertThat(figures.counted("underruns0")).isZero();
    assertThat(figures.counted("underruns1")).isEqualTo(2);
    assertThat(figures.longestGapMillis()).isEqualTo(15);
    assertThat(figures.audioSeconds()).isCloseTo(0.3, org.assertj.core.data.Offset.offset(1e-9));
    figures.restart();
    assertThat(figures.firstAudio(0)).isEmpty();
    assertThat(figures.counted("underruns1")).isZero();
    assertThat(figures.audioSeconds()).isZero();
  }
}
