package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentBuilderTest {
  private static final int FRAME = 32;

  @Test
  void mergesShortBreaksAndDropsShortSegments() {
    // 3 frames of 96 ms dropped; 10 frames, a break of 9 (288 ms), 10 frames: one segment
    List<Boolean> speech = new ArrayList<>();
    add(speech, 3, true);
    add(speech, 20, false);
    add(speech, 10, true);
    add(speech, 9, false);
    add(speech, 10, true);
    add(speech, 10, false); // 320 ms: a segment of its own follows
    add(speech, 5, true);
    assertThat(build(speech))
        .containsExactly(
            new Interval(23 * FRAME, 52 * FRAME), new Interval(62 * FRAME, 67 * FRAME));
  }

  @Test
  void equalsTheDefinitionAndNeverTakesBackWhatWasKnown() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<Boolean> speech = new ArrayList<>();
      while (speech.size() < 300) {
        add(speech, 1 + random.nextInt(14), speech.size() % 2 == 0 ^ random.nextBoolean());
      }
      assertThat(build(speech)).as("seed " + seed).isEqualTo(defined(speech));
    }
  }

  private static List<Interval> build(List<Boolean> speech) {
    List<Interval> segments = new ArrayList<>();
    List<Long> begins = new ArrayList<>();
    long[] known = {0};
    SegmentBuilder builder =
        new SegmentBuilder(
            SpeechSettings.DEFAULT,
            new SegmentBuilder.Listener() {
              @Override
              public void began(long millis) {
                assertThat(millis).isGreaterThanOrEqualTo(known[0]);
                begins.add(millis);
              }

              @Override
              public void ended(Interval segment) {
                assertThat(segment.endMillis()).isGreaterThanOrEqualTo(known[0]);
                segments.add(segment);
              }
            });
    for (int i = 0; i < speech.size(); i++) {
      builder.stretch((long) i * FRAME, (i + 1L) * FRAME, speech.get(i));
      assertThat(builder.knownUntil()).isGreaterThanOrEqualTo(known[0]);
      known[0] = builder.knownUntil();
    }
    builder.end();
    assertThat(begins).isEqualTo(segments.stream().map(Interval::beginMillis).toList());
    return segments;
  }

  private static List<Interval> defined(List<Boolean> speech) {
    List<Interval> runs = new ArrayList<>();
    for (int i = 0; i < speech.size(); i++) {
      if (speech.get(i)) {
        Interval frame = new Interval((long) i * FRAME, (i + 1L) * FRAME);
        Interval last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && frame.beginMillis() - last.endMillis() <= 300) {
          runs.set(runs.size() - 1, new Interval(last.beginMillis(), frame.endMillis()));
        } else {
          runs.add(frame);
        }
      }
    }
    return runs.stream().filter(run -> run.lengthMillis() >= 120).toList();
  }

  private static void add(List<Boolean> speech, int count, boolean value) {
    for (int i = 0; i < count; i++) {
      speech.add(value);
    }
  }
}
