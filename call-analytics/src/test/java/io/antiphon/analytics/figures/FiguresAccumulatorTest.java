package io.antiphon.analytics.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.analytics.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FiguresAccumulatorTest {
  private static final FiguresSettings SMALL = new FiguresSettings(30, 5);

  @Test
  void tellsInterruptionEarlyReplyAndBackchannelApart() {
    FiguresAccumulator figures = new FiguresAccumulator(2, FiguresSettings.DEFAULT);
    figures.segment(0, new Interval(1000, 5000));
    figures.segment(1, new Interval(2000, 2400)); // backchannel
    figures.segment(1, new Interval(4000, 7000)); // interruption by 1, 1000 ms
    figures.segment(0, new Interval(6600, 9000)); // early reply by 0, 400 ms
    figures.segment(1, new Interval(9250, 10000)); // response after 250 ms
    CallFigures closed = figures.close(14_000);
    assertThat(closed.interruptions())
        .containsExactly(new Interruption(1, new Interval(4000, 5000)));
    assertThat(closed.channels().get(0))
        .isEqualTo(new ChannelFigures(0, 6400, 2, 4000, 0, 1, 0, 0, 0, 0, 0));
    assertThat(closed.channels().get(1))
        .isEqualTo(new ChannelFigures(1, 4150, 3, 3000, 1, 0, 1, 1, 250, 250, 0));
    assertThat(closed.overtalkMillis()).isEqualTo(400 + 1000 + 400);
    assertThat(closed.nonTalk()).containsExactly(new Interval(10_000, 14_000));
  }

  @Test
  void aHoldIsNonTalkWhateverIsHeardAndAPauseIsNothing() {
    FiguresAccumulator figures = new FiguresAccumulator(2, FiguresSettings.DEFAULT);
    figures.segment(0, new Interval(0, 2000));
    figures.hold(1500, true);
    figures.segment(0, new Interval(3000, 20_000)); // hold music
    figures.hold(18_000, false);
    figures.pause(21_000, true);
    figures.pause(26_000, false);
    CallFigures closed = figures.close(28_000);
    assertThat(closed.channels().get(0).talkMillis()).isEqualTo(1500 + 2000);
    assertThat(closed.nonTalk()).containsExactly(new Interval(1500, 18_000));
    assertThat(closed.holdMillis()).isEqualTo(16_500);
    assertThat(closed.pausedMillis()).isEqualTo(5000);
  }

  @Test
  void refusesAPointWhereAllWasKnown() {
    FiguresAccumulator figures = new FiguresAccumulator(1, FiguresSettings.DEFAULT);
    figures.known(0, 500);
    assertThatThrownBy(() -> figures.talkBegins(0, 499))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("499")
        .hasMessageContaining("500");
  }

  @Test
  void equalsTheGridInAnyInterleavingAndAtEveryFrontier() {
    for (int seed = 0; seed < 1500; seed++) {
      Random random = new Random(seed);
      int channels = seed % 7 == 0 ? 1 : 2;
      int duration = 100 + random.nextInt(400);
      List<List<Interval>> segments = new ArrayList<>();
      for (int c = 0; c < channels; c++) {
        segments.add(intervals(random, duration, 2 + random.nextInt(40)));
      }
      List<Interval> holds =
          random.nextInt(3) == 0 ? intervals(random, duration, 80) : List.<Interval>of();
      List<Interval> pauses =
          random.nextInt(4) == 0 ? intervals(random, duration, 80) : List.<Interval>of();
      check(random, segments, holds, pauses, duration, "seed " + seed);
    }
  }

  private static void check(
      Random random,
      List<List<Interval>> segments,
      List<Interval> holds,
      List<Interval> pauses,
      int duration,
      String seed) {
    int channels = segments.size();
    FiguresAccumulator figures = new FiguresAccumulator(channels, SMALL);
    int[] words = new int[channels];
    long[] known = new long[channels];
    for (int c = 0; c < channels; c++) {
      words[c] = random.nextInt(50);
      figures.words(c, words[c]);
    }
    for (Interval hold : holds) {
      figures.hold(hold.beginMillis(), true);
      figures.hold(hold.endMillis(), false);
    }
    for (Interval pause : pauses) {
      figures.pause(pause.beginMillis(), true);
      figures.pause(pause.endMillis(), false);
    }
    List<long[]> points = points(segments);
    int[] cursor = new int[channels];
    while (true) {
      int c = random.nextInt(channels);
      List<long[]> own = new ArrayList<>();
      for (long[] point : points) {
        if (point[0] == c) {
          own.add(point);
        }
      }
      if (cursor[c] < own.size() && random.nextBoolean()) {
        long[] point = own.get(cursor[c]++);
        if (point[2] == 1) {
          figures.talkBegins(c, point[1]);
        } else {
          figures.talkEnds(c, point[1]);
        }
      } else {
        long limit = cursor[c] < own.size() ? own.get(cursor[c])[1] : duration;
        known[c] = Math.min(limit, known[c] + random.nextInt(60));
        figures.known(c, known[c]);
      }
      if (random.nextInt(12) == 0) {
        int frontier = (int) figures.frontier();
        assertThat(figures.figures())
            .as(seed + " at " + frontier)
            .isEqualTo(GridFigures.of(segments, holds, pauses, words, frontier, SMALL));
      }
      boolean done = true;
      for (int each = 0; each < channels; each++) {
        int channel = each;
        done &= cursor[each] == points.stream().filter(p -> p[0] == channel).count();
        done &= known[each] == duration;
      }
      if (done) {
        break;
      }
    }
    CallFigures expected = GridFigures.of(segments, holds, pauses, words, duration, SMALL);
    assertThat(figures.figures()).as(seed).isEqualTo(expected);
    assertThat(figures.close(duration)).as(seed).isEqualTo(expected);
    FiguresAccumulator batch = new FiguresAccumulator(channels, SMALL);
    for (int c = 0; c < channels; c++) {
      batch.words(c, words[c]);
      for (Interval segment : segments.get(c)) {
        batch.segment(c, segment);
      }
    }
    for (Interval hold : holds) {
      batch.hold(hold.beginMillis(), true);
      batch.hold(hold.endMillis(), false);
    }
    for (Interval pause : pauses) {
      batch.pause(pause.beginMillis(), true);
      batch.pause(pause.endMillis(), false);
    }
    assertThat(batch.close(duration)).as(seed).isEqualTo(expected);
  }

  /** {channel, millis, 1 begins or 0 ends} by time. */
  private static List<long[]> points(List<List<Interval>> segments) {
    List<long[]> points = new ArrayList<>();
    for (int c = 0; c < segments.size(); c++) {
      for (Interval segment : segments.get(c)) {
        points.add(new long[] {c, segment.beginMillis(), 1});
        points.add(new long[] {c, segment.endMillis(), 0});
      }
    }
    points.sort(Comparator.comparingLong(point -> point[1]));
    return points;
  }

  private static List<Interval> intervals(Random random, int duration, int scale) {
    List<Interval> intervals = new ArrayList<>();
    int position = random.nextInt(scale);
    while (position < duration - 1) {
      int end = Math.min(duration, position + 1 + random.nextInt(scale));
      intervals.add(new Interval(position, end));
      position = end + random.nextInt(scale);
    }
    return intervals;
  }
}
