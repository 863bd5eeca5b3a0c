package io.antiphon.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlaybackTest {
  private final Playback playback = new Playback();

  @Test
  void piecesInTimePlayWithoutAGap() {
    playback.arrive(1000, 40);
    playback.arrive(1040, 200); // at the very moment
    playback.arrive(1050, 200);
    assertThat(playback.underruns()).isZero();
    assertThat(playback.playedOut()).isEqualTo(1440);
    assertThat(playback.length()).isEqualTo(440);
  }

  @Test
  void aLatePieceIsAnUnderrunAndEverythingAfterItPlaysLater() {
    playback.arrive(1000, 40);
    playback.arrive(1050, 200); // 10 too late
    playback.arrive(1245, 100); // in time for a playback that stood still for 10
    assertThat(playback.underruns()).isEqualTo(1);
    assertThat(playback.longestGap()).isEqualTo(10);
    assertThat(playback.playedOut()).isEqualTo(1350);
  }

  @Test
  void theLongestOfSeveralGapsIsKept() {
    playback.arrive(0, 10);
    playback.arrive(15, 10);
    playback.arrive(55, 10);
    playback.arrive(66, 10);
    assertThat(playback.underruns()).isEqualTo(3);
    assertThat(playback.longestGap()).isEqualTo(30);
  }

  @Test
  void hearsWhatHasBeenPlayed() {
    assertThat(playback.begun()).isFalse();
    assertThat(playback.heard(5)).isZero();
    playback.arrive(1000, 40);
    playback.arrive(1030, 200);
    assertThat(playback.heard(1000)).isZero();
    assertThat(playback.heard(1100)).isEqualTo(100);
    assertThat(playback.heard(9999)).isEqualTo(240);
  }
}
