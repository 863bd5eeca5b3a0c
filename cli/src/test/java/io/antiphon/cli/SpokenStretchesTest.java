package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpokenStretchesTest {
  private static final int RATE = 8_000;

  /** Seconds of sound and of quiet, in turn. */
  private static Recording recording(double... seconds) {
    double all = 0;
    for (double part : seconds) {
      all += part;
    }
    short[] samples = new short[(int) Math.round(all * RATE)];
    double begin = 0;
    for (int part = 0; part < seconds.length; part++) {
      if (part % 2 == 0) {
        int end = (int) Math.round((begin + seconds[part]) * RATE);
        for (int i = (int) Math.round(begin * RATE); i < end; i++) {
          samples[i] = (short) (8_000 * Math.sin(0.3 * i));
        }
      }
      begin += seconds[part];
    }
    return new Recording(RATE, samples, List.of());
  }

  @Test
  void aLongPauseMakesTwoTurnsAndIsTold() {
    SpokenStretches stretches = new SpokenStretches(recording(1.8, 1, 0.9, 0.3));
    assertThat(stretches.pauses()).containsExactly("pauses for 1.0 s at 1.8 s");
    List<Recording> turns = stretches.turns();
    assertThat(turns).hasSize(2);
    // What is quiet enough to end the turn belongs to it, and half a second before the next one;
    // here there is less between them.
    assertThat(turns.get(0).seconds()).isEqualTo(2.5);
    assertThat(turns.get(1).seconds()).isEqualTo(1.5);
    assertThat(turns.get(1).samples()).endsWith(new short[2_400]);
  }

  @Test
  void aShortPauseBelongsToTheTurn() {
    Recording recording = recording(1, 0.6, 1);
    SpokenStretches stretches = new SpokenStretches(recording);
    assertThat(stretches.pauses()).isEmpty();
    assertThat(stretches.turns()).containsExactly(recording);
  }

  @Test
  void aClickIsNoTurn() {
    Recording recording = recording(0.04, 2, 1, 2, 0.04);
    SpokenStretches stretches = new SpokenStretches(recording);
    assertThat(stretches.pauses()).isEmpty();
    assertThat(stretches.turns()).containsExactly(recording);
  }

  @Test
  void silenceIsOneTurn() {
    Recording recording = recording(0, 3);
    assertThat(new SpokenStretches(recording).turns()).containsExactly(recording);
  }
}
