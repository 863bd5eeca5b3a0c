package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.realtime.PlaybackEstimate.Heard;
import org.junit.jupiter.api.Test;

class PlaybackEstimateTest {
  private static final long MILLI = 1_000_000;

  private final PlaybackEstimate playback = new PlaybackEstimate();

  @Test
  void anAnswerIsHeardAsLongAsItLasts() {
    playback.audio(3, 400, 100 * MILLI);
    playback.audio(3, 1500, 150 * MILLI); // faster than it is played
    assertThat(playback.nextNanos(150 * MILLI)).as("more may come").isEmpty();
    playback.complete(3);
    assertThat(playback.nextNanos(200 * MILLI)).hasValue(1400 * MILLI);
    assertThat(playback.whole(1599 * MILLI)).isEmpty();
    assertThat(playback.whole(1600 * MILLI)).containsExactly(new Heard(3, 1500));
    assertThat(playback.whole(9999 * MILLI)).as("once").isEmpty();
    assertThat(playback.nextNanos(9999 * MILLI)).isEmpty();
  }

  /** The second one waits for the first, and a gap in what comes is one in what is heard. */
  @Test
  void answersFollowEachOtherAndWaitForTheirSound() {
    playback.audio(0, 1000, 0);
    playback.complete(0);
    playback.audio(1, 200, 500 * MILLI);
    playback.audio(1, 600, 1900 * MILLI); // silence since 1200
    playback.complete(1);
    assertThat(playback.whole(1000 * MILLI)).containsExactly(new Heard(0, 1000));
    assertThat(playback.whole(2299 * MILLI)).isEmpty();
    assertThat(playback.whole(2300 * MILLI)).containsExactly(new Heard(1, 600));
  }

  @Test
  void whatTheClientTellsIsNotEstimated() {
    playback.audio(0, 1000, 0);
    playback.told(0);
    playback.audio(0, 2000, 100 * MILLI);
    playback.complete(0);
    assertThat(playback.end(9000 * MILLI)).isEmpty();
    playback.audio(1, 1000, 0);
    playback.stopped();
    playback.audio(1, 2000, 0);
    playback.audio(2, 300, 0);
    playback.complete(2);
    assertThat(playback.whole(9000 * MILLI)).containsExactly(new Heard(2, 300));
  }

  /** An answer of which nothing came keeps no other back, and the clock may stand below 0. */
  @Test
  void piecesWithoutSoundChangeNothing() {
    long begin = -5000 * MILLI;
    playback.audio(0, 1000, begin);
    playback.audio(1, 0, begin);
    playback.audio(0, 1000, begin + 300 * MILLI);
    playback.audio(2, 500, begin + 400 * MILLI);
    playback.complete(0);
    playback.complete(1);
    playback.complete(2);
    assertThat(playback.whole(begin + 1499 * MILLI)).containsExactly(new Heard(0, 1000));
    assertThat(playback.whole(begin + 1500 * MILLI)).containsExactly(new Heard(2, 500));
  }

  @Test
  void atTheEndSoMuchOfEachHasBeenHeard() {
    playback.audio(0, 1000, 0);
    playback.complete(0);
    playback.audio(1, 1000, 0);
    playback.audio(2, 1000, 0);
    assertThat(playback.end(1250 * MILLI)).containsExactly(new Heard(0, 1000), new Heard(1, 250));
    assertThat(playback.end(9000 * MILLI)).isEmpty();
  }
}
