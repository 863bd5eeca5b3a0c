package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlayoutTest {
  private static final long FRAME = 20_000_000L;

  /** Anywhere, also below zero, is where a clock of nanoseconds may stand. */
  private long now = -123_456_789_000L;

  @Test
  void sendsTheLeadAtOnceAndThenAFrameEvery20Milliseconds() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 60, false, 200, 10_000);
    playout.append(0, new byte[160 * 10]);
    assertThat(playout.due(now)).hasSize(4);
    assertThat(playout.due(now)).isEmpty();
    assertThat(playout.nextNanos(now)).contains(FRAME);
    now += FRAME;
    assertThat(playout.due(now)).hasSize(1);
  }

  @Test
  void neverDriftsHoweverLateTheTicksAre() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 100, false, 200, 600_000);
    playout.append(0, new byte[160 * 3000]);
    Random random = new Random(7);
    long start = now;
    int frames = playout.due(now).size();
    while (frames < 2900) {
      // Late by up to 90 ms, less than the lead: not one frame may be heard late.
      now += playout.nextNanos(now).orElseThrow() + random.nextInt(90) * 1_000_000L;
      frames += playout.due(now).size();
      assertThat(frames).isEqualTo((now - start) / FRAME + 6);
    }
  }

  @Test
  void cutsAnswersIntoFramesWhateverThePiecesAre() {
    byte[] answer = new byte[12_345];
    new Random(3).nextBytes(answer);
    Playout playout = new Playout(PhoneAudio.MU_LAW, 0, false, 200, 60_000);
    Random random = new Random(4);
    for (int from = 0; from < answer.length; ) {
      int to = Math.min(answer.length, from + random.nextInt(700));
      assertThat(playout.append(0, java.util.Arrays.copyOfRange(answer, from, to))).isTrue();
      from = to;
    }
    playout.finish(0);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    List<Playout.Heard> heard = new ArrayList<>();
    while (playout.nextNanos(now).isPresent()) {
      playout.due(now).forEach(frame -> sent.writeBytes(frame.bytes()));
      heard.addAll(playout.heard(now));
      now += playout.nextNanos(now).orElse(0L);
    }
    heard.addAll(playout.heard(now));
    byte[] expected = new byte[(12_345 + 159) / 160 * 160];
    java.util.Arrays.fill(expected, (byte) 0xFF);
    System.arraycopy(answer, 0, expected, 0, answer.length);
    assertThat(sent.toByteArray()).isEqualTo(expected);
    assertThat(heard).containsExactly(new Playout.Heard(0, 12_345 / 8, true));
    assertThat(playout.waitingMillis()).isZero();
  }

  @Test
  void tellsWhatWasHeardByPaceWhereThereAreNoMarks() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 200, false, 200, 60_000);
    playout.append(4, new byte[160 * 100]);
    playout.due(now);
    for (int tick = 0; tick < 13; tick++) {
      now += FRAME;
      playout.due(now);
    }
    assertThat(playout.clear(now)).containsExactly(new Playout.Heard(4, 260, false));
    assertThat(playout.playing(now)).isFalse();
  }

  @Test
  void believesMarksMoreThanThePace() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 1_000, true, 200, 60_000);
    playout.append(0, new byte[160 * 50]);
    playout.finish(0);
    List<String> marks = playout.due(now).stream().flatMap(frame -> frame.mark().stream()).toList();
    assertThat(marks).containsExactly("f10", "f20", "f30", "f40", "f50");
    // By pace 400 ms were heard; the first mark is not back, so no more than 200.
    now += 20 * FRAME;
    assertThat(playout.position(now)).contains(new Playout.Heard(0, 200, false));
    playout.marked("f10", now);
    assertThat(playout.position(now)).contains(new Playout.Heard(0, 400, false));
    // A mark that is back early: the provider plays faster than the pace.
    playout.marked("f40", now);
    assertThat(playout.position(now)).contains(new Playout.Heard(0, 800, false));
  }

  @Test
  void marksThatReturnAfterAClearAreNotHeard() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 1_000, true, 200, 60_000);
    playout.append(0, new byte[160 * 50]);
    playout.due(now);
    now += 15 * FRAME;
    playout.marked("f10", now);
    assertThat(playout.clear(now)).containsExactly(new Playout.Heard(0, 300, false));
    playout.append(1, new byte[160 * 50]);
    playout.due(now);
    playout.marked("f20", now);
    playout.marked("f50", now);
    assertThat(playout.position(now)).contains(new Playout.Heard(1, 0, false));
    playout.marked("f60", now);
    assertThat(playout.position(now)).contains(new Playout.Heard(1, 200, false));
  }

  @Test
  void aMarkThatNeverComesHoldsNothingUpForEver() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 200, true, 200, 60_000);
    playout.append(0, new byte[160 * 11]);
    playout.finish(0);
    playout.due(now);
    now += 11 * FRAME;
    assertThat(playout.heard(now)).isEmpty();
    now += 2_000_000_000L;
    assertThat(playout.heard(now)).containsExactly(new Playout.Heard(0, 220, true));
    assertThat(playout.nextNanos(now)).isEmpty();
  }

  @Test
  void nothingOfAClearedAnswerIsPlayed() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 200, false, 200, 60_000);
    playout.append(3, new byte[160]);
    playout.clear(now);
    assertThat(playout.append(3, new byte[160 * 5])).isTrue();
    playout.finish(3);
    assertThat(playout.due(now)).isEmpty();
    playout.append(4, new byte[160 * 2]);
    assertThat(playout.due(now)).hasSize(2);
  }

  @Test
  void aDryQueueShiftsWhatFollowsAndLosesNothing() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 40, false, 200, 60_000);
    playout.append(0, new byte[160 * 2]);
    assertThat(playout.due(now)).hasSize(2);
    now += 50 * FRAME;
    playout.append(0, new byte[160 * 10]);
    assertThat(playout.due(now)).hasSize(3);
    now += FRAME;
    assertThat(playout.due(now)).hasSize(1);
    assertThat(playout.position(now)).contains(new Playout.Heard(0, 60, false));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 40, false, 200, 1_000);
    assertThat(playout.append(0, new byte[8_000])).isTrue();
    assertThat(playout.append(0, new byte[1])).isFalse();
    playout.due(now);
    assertThat(playout.append(0, new byte[160])).isTrue();
  }

  @Test
  void aPauseSendsNothing() {
    Playout playout = new Playout(PhoneAudio.MU_LAW, 40, false, 200, 60_000);
    playout.append(0, new byte[160 * 10]);
    playout.pause();
    assertThat(playout.due(now)).isEmpty();
    assertThat(playout.nextNanos(now)).isEmpty();
    playout.resume();
    assertThat(playout.due(now)).hasSize(3);
  }
}
