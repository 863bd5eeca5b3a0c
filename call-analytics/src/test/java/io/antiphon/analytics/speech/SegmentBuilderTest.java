package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentBuilderTest {
  private static final int FRAME = 32;

  /** Level of frames with speech, and of those without. */
  private static final double VOICE = -30;

  private static final double NOISE = -60;

  @Test
  void mergesShortBreaksAndDropsShortSegments() {
    // 3 frames of 96 ms dropped; 10 frames, a break of 9 (288 ms), 10 frames: one segment
    List<GatedFrame> frames = new ArrayList<>();
    add(frames, 3, true, VOICE);
    add(frames, 20, false, NOISE);
    add(frames, 10, true, VOICE);
    add(frames, 9, false, NOISE);
    add(frames, 10, true, VOICE);
    add(frames, 10, false, NOISE); // 320 ms: a segment of its own follows
    add(frames, 5, true, VOICE);
    assertThat(build(frames))
        .containsExactly(
            new Interval(23 * FRAME, 52 * FRAME - 8), new Interval(62 * FRAME, 67 * FRAME - 8));
  }

  /**
   * The detector notices three frames late that somebody talks, and three late that nobody does.
   */
  @Test
  void edgesLieWhereTheSoundRisesOutOfTheNoise() {
    for (double noise : new double[] {-96, -60, -40}) {
      List<GatedFrame> frames = new ArrayList<>();
      add(frames, 60, false, noise);
      add(frames, 3, false, VOICE);
      add(frames, 20, true, VOICE);
      add(frames, 3, true, noise);
      add(frames, 20, false, noise);
      assertThat(build(frames)).containsExactly(new Interval(60 * FRAME + 16, 83 * FRAME - 8));
    }
  }

  /** Where voice and noise are the same, and where the other party leaks, the detector is right. */
  @Test
  void edgesAreMovedOnlySoFar() {
    List<GatedFrame> frames = new ArrayList<>();
    add(frames, 60, false, NOISE);
    add(frames, 30, false, VOICE); // no speech: a door, music
    add(frames, 20, true, VOICE);
    add(frames, 20, true, NOISE);
    add(frames, 20, false, NOISE);
    for (int i = 0; i < 5; i++) {
      frames.add(new GatedFrame(frame(frames.size(), VOICE), false, false)); // the other party
    }
    add(frames, 10, true, VOICE);
    assertThat(build(frames))
        .containsExactly(
            new Interval(90 * FRAME - 160 + 16, 130 * FRAME - 128 - 8),
            new Interval(155 * FRAME, 165 * FRAME - 8));
  }

  @Test
  void equalsTheDefinitionAndNeverTakesBackWhatWasKnown() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<GatedFrame> frames = new ArrayList<>();
      while (frames.size() < 300) {
        boolean speech = random.nextBoolean();
        double level = (random.nextInt(4) == 0 ? VOICE : NOISE) + 10 * random.nextDouble();
        for (int left = 1 + random.nextInt(14); left > 0; left--) {
          boolean own = speech || random.nextInt(6) > 0;
          frames.add(new GatedFrame(frame(frames.size(), level), own, speech));
          level += random.nextInt(5) == 0 ? 12 * random.nextGaussian() : 0;
        }
      }
      assertThat(build(frames)).as("seed " + seed).isEqualTo(defined(frames));
    }
  }

  /** State without loudness keeps to what was known. */
  @Test
  void goesOnFromStateOfBeforeLoudness() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream before = new DataOutputStream(bytes);
    before.writeLong(40 * FRAME); // position
    before.writeLong(10 * FRAME); // begin
    before.writeLong(40 * FRAME); // lastSpeech
    before.writeBoolean(true); // announced
    List<Interval> segments = new ArrayList<>();
    SegmentBuilder builder = new SegmentBuilder(SpeechSettings.DEFAULT, into(segments));
    builder.load(false, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(builder.knownUntil()).isEqualTo(40 * FRAME);
    builder.frame(new GatedFrame(frame(40, NOISE), true, true));
    assertThat(builder.knownUntil()).isEqualTo(41 * FRAME - 8);
    builder.end();
    assertThat(segments).containsExactly(new Interval(10 * FRAME, 41 * FRAME - 8));
  }

  private static SegmentBuilder.Listener into(List<Interval> segments) {
    return new SegmentBuilder.Listener() {
      @Override
      public void began(long millis) {}

      @Override
      public void ended(Interval segment) {
        segments.add(segment);
      }
    };
  }

  /** Saved and gone on with behind each seventh frame. */
  private static List<Interval> build(List<GatedFrame> frames) {
    List<Interval> segments = new ArrayList<>();
    List<Long> begins = new ArrayList<>();
    long[] known = {0};
    SegmentBuilder.Listener listener =
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
        };
    SegmentBuilder builder = new SegmentBuilder(SpeechSettings.DEFAULT, listener);
    for (GatedFrame frame : frames) {
      builder.frame(frame);
      assertThat(builder.knownUntil()).isGreaterThanOrEqualTo(known[0]);
      known[0] = builder.knownUntil();
      if (frame.frame().beginMillis() % (7 * FRAME) == 0) {
        builder = restored(builder, listener);
      }
    }
    builder.end();
    assertThat(begins).isEqualTo(segments.stream().map(Interval::beginMillis).toList());
    return segments;
  }

  private static SegmentBuilder restored(SegmentBuilder saved, SegmentBuilder.Listener listener) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      saved.save(new DataOutputStream(bytes));
      SegmentBuilder builder = new SegmentBuilder(SpeechSettings.DEFAULT, listener);
      builder.load(true, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      return builder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Interval> defined(List<GatedFrame> frames) {
    List<Interval> runs = new ArrayList<>();
    for (GatedFrame frame : frames) {
      if (frame.speech()) {
        long begin = frame.frame().beginMillis();
        long end = frame.frame().endMillis();
        Interval last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && begin - last.endMillis() <= 300) {
          runs.set(runs.size() - 1, new Interval(last.beginMillis(), end));
        } else {
          runs.add(new Interval(begin, end));
        }
      }
    }
    List<Interval> segments = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      if (runs.get(i).lengthMillis() >= 120) {
        // Inside the break that ends a segment it may still go on.
        long free = i == 0 ? 0 : runs.get(i - 1).endMillis() + 300;
        segments.add(edged(frames, runs.get(i), free));
      }
    }
    return segments;
  }

  private static Interval edged(List<GatedFrame> frames, Interval run, long free) {
    int first = (int) run.beginMillis() / FRAME;
    int last = (int) run.endMillis() / FRAME - 1;
    int loudFrom = first;
    while (loudFrom > 0
        && frames.get(loudFrom - 1).frame().endMillis() > free
        && frames.get(loudFrom - 1).own()
        && loud(frames, loudFrom - 1, noise(frames, loudFrom - 1))) {
      loudFrom--;
    }
    long begin = Math.max(loudFrom * (long) FRAME, run.beginMillis() - 160) + 16;
    int loudTo = last;
    while (loudTo > first
        && !(frames.get(loudTo).speech() && loud(frames, loudTo, noise(frames, first)))) {
      loudTo--;
    }
    long end = Math.max((loudTo + 1L) * FRAME, run.endMillis() - 128) - 8;
    return new Interval(loudFrom < first ? begin : run.beginMillis(), end);
  }

  private static boolean loud(List<GatedFrame> frames, int index, double noise) {
    return frames.get(index).frame().energy().dbfs() > noise + 4;
  }

  /** What three quarters of the last 48 frames without speech before this one exceed. */
  private static double noise(List<GatedFrame> frames, int index) {
    List<Double> levels = new ArrayList<>();
    for (int i = index - 1; i >= 0 && levels.size() < 48; i--) {
      if (!frames.get(i).speech()) {
        levels.add(frames.get(i).frame().energy().dbfs());
      }
    }
    Collections.sort(levels);
    return levels.isEmpty() ? -70 : Math.max(-70, levels.get(levels.size() / 4));
  }

  private static void add(List<GatedFrame> frames, int count, boolean speech, double dbfs) {
    for (int i = 0; i < count; i++) {
      frames.add(new GatedFrame(frame(frames.size(), dbfs), true, speech));
    }
  }

  private static SpeechFrame frame(int index, double dbfs) {
    long squares = (long) (Math.pow(10, dbfs / 10) * 32768 * 32768 * 512);
    return new SpeechFrame(
        (long) index * FRAME, (index + 1L) * FRAME, 0, new SpeechEnergy(squares, 512));
  }
}
