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

  /** The detector notices three frames late that somebody talks, and two late that nobody does. */
  @Test
  void edgesLieWhereTheSoundRisesOutOfTheNoise() {
    for (double noise : new double[] {-96, -60, -40}) {
      List<GatedFrame> frames = new ArrayList<>();
      add(frames, 60, false, noise);
      add(frames, 3, false, VOICE);
      add(frames, 20, true, VOICE);
      add(frames, 2, true, noise);
      add(frames, 20, false, noise);
      assertThat(build(frames)).containsExactly(new Interval(60 * FRAME + 16, 83 * FRAME - 8));
    }
  }

  /** A voice fades into the noise: what rises out of it by 2 dB ends a segment, and begins none. */
  @Test
  void aFadingVoiceEndsWhereItNoLongerRises() {
    List<GatedFrame> frames = new ArrayList<>();
    add(frames, 60, false, NOISE);
    add(frames, 5, false, NOISE + 2);
    add(frames, 20, true, VOICE);
    add(frames, 5, true, NOISE + 2);
    add(frames, 2, true, NOISE + 1);
    add(frames, 20, false, NOISE);
    assertThat(build(frames)).containsExactly(new Interval(65 * FRAME, 90 * FRAME - 8));
  }

  /** A weak first syllable in noise, at which the detector only wavers, and a closure behind it. */
  @Test
  void aMissedSyllableBelongsToTheSpeechBehindIt() {
    for (int closure = 0; closure <= 5; closure++) {
      List<GatedFrame> frames = new ArrayList<>();
      add(frames, 60, false, NOISE);
      add(frames, 4, false, VOICE, 0.02f);
      add(frames, closure, false, NOISE);
      add(frames, 1, false, VOICE);
      add(frames, 20, true, VOICE);
      assertThat(build(frames))
          .containsExactly(new Interval(60 * FRAME + 16, (85 + closure) * FRAME - 8));
    }
  }

  @Test
  void otherSoundsBeforeSpeechDoNot() {
    List<List<GatedFrame>> cases = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      cases.add(new ArrayList<>());
      add(cases.get(i), 60, false, NOISE);
    }
    add(cases.get(0), 3, false, VOICE, 0.005f); // music
    add(cases.get(0), 7, false, NOISE);
    add(cases.get(1), 1, false, VOICE, 0.3f); // a click
    add(cases.get(1), 3, false, NOISE);
    add(cases.get(1), 6, false, NOISE);
    add(cases.get(2), 3, false, NOISE + 3, 0.3f); // as loud as the noise
    add(cases.get(2), 7, false, NOISE);
    add(cases.get(3), 4, false, VOICE, 0.3f); // too far back
    add(cases.get(3), 6, false, NOISE);
    for (int i = 0; i < 10; i++) { // the other party
      cases.get(4).add(new GatedFrame(frame(cases.get(4).size(), VOICE, 0.3f), false, false));
    }
    for (List<GatedFrame> frames : cases) {
      add(frames, 10, true, VOICE);
      assertThat(build(frames)).containsExactly(new Interval(70 * FRAME, 80 * FRAME - 8));
    }
  }

  /** The detector goes on for a while when the other party, whom it heard leak, falls silent. */
  @Test
  void aSegmentThatBeginsInTheNoiseBeginsWhereItRises() {
    List<GatedFrame> frames = new ArrayList<>();
    add(frames, 60, false, NOISE);
    add(frames, 4, true, NOISE);
    add(frames, 5, false, NOISE);
    add(frames, 20, true, VOICE);
    add(frames, 20, false, NOISE);
    add(frames, 14, true, NOISE); // somebody who is as quiet as the noise
    add(frames, 20, true, VOICE);
    add(frames, 20, false, NOISE);
    add(frames, 10, true, NOISE);
    add(frames, 20, false, NOISE);
    assertThat(build(frames))
        .containsExactly(
            new Interval(69 * FRAME + 16, 89 * FRAME - 8),
            new Interval(109 * FRAME, 143 * FRAME - 8),
            new Interval(163 * FRAME, 173 * FRAME - 64 - 8));
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
      frames.add(new GatedFrame(frame(frames.size(), VOICE, 0), false, false)); // the other party
    }
    add(frames, 10, true, VOICE);
    assertThat(build(frames))
        .containsExactly(
            new Interval(90 * FRAME - 160 + 16, 130 * FRAME - 64 - 8),
            new Interval(155 * FRAME, 165 * FRAME - 8));
  }

  @Test
  void equalsTheDefinitionAndNeverTakesBackWhatWasKnown() {
    int farBack = 0;
    int later = 0;
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<GatedFrame> frames = new ArrayList<>();
      while (frames.size() < 300) {
        boolean speech = random.nextBoolean();
        double level = (random.nextInt(4) == 0 ? VOICE : NOISE) + 10 * random.nextDouble();
        for (int left = 1 + random.nextInt(14); left > 0; left--) {
          boolean own = speech || random.nextInt(6) > 0;
          float probability = random.nextBoolean() ? 0 : random.nextFloat() / 40;
          frames.add(new GatedFrame(frame(frames.size(), level, probability), own, speech));
          level += random.nextInt(5) == 0 ? 12 * random.nextGaussian() : 0;
        }
      }
      List<Interval> segments = build(frames);
      assertThat(segments).as("seed " + seed).isEqualTo(new Definition(frames).segments());
      for (Interval segment : segments) {
        int first = (int) segment.beginMillis() / FRAME;
        int from = first;
        while (!frames.get(first).speech()) {
          first++;
        }
        farBack += first - from > 5 ? 1 : 0;
        later += from > 0 && frames.get(from - 1).speech() ? 1 : 0;
      }
    }
    assertThat(farBack).isGreaterThan(100);
    assertThat(later).isGreaterThan(100);
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
    builder.load(1, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(builder.knownUntil()).isEqualTo(40 * FRAME);
    builder.frame(new GatedFrame(frame(40, NOISE, 0), true, true));
    assertThat(builder.knownUntil()).isEqualTo(41 * FRAME - 8);
    builder.end();
    assertThat(segments).containsExactly(new Interval(10 * FRAME, 41 * FRAME - 8));
  }

  /** State with no more than the begin of a sound that lasts keeps to what was known, too. */
  @Test
  void goesOnFromStateOfBeforeMissedSyllables() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream before = new DataOutputStream(bytes);
    before.writeLong(40 * FRAME); // position
    before.writeLong(-1); // begin
    before.writeLong(0); // lastSpeech
    before.writeBoolean(false); // announced
    before.writeLong(30 * FRAME); // loudSince
    before.writeLong(0); // firstSpeech
    before.writeDouble(0); // floor
    before.writeLong(0); // lastLoud
    new NoiseFloor().save(before);
    List<Interval> segments = new ArrayList<>();
    SegmentBuilder builder = new SegmentBuilder(SpeechSettings.DEFAULT, into(segments));
    builder.load(2, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(builder.knownUntil()).isEqualTo(35 * FRAME);
    builder.frame(new GatedFrame(frame(40, VOICE, 0.4f), true, false));
    for (int i = 41; i < 50; i++) {
      builder.frame(new GatedFrame(frame(i, VOICE + 10, 0.9f), true, true));
    }
    builder.end();
    assertThat(segments).containsExactly(new Interval(35 * FRAME + 16, 50 * FRAME - 8));
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
      builder.load(3, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      return builder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Segments by their definition in {@code docs/analytics.md}, of all frames at once. */
  private static final class Definition {
    private final List<GatedFrame> frames;

    /** What three quarters of the last 48 frames without speech before each one exceed. */
    private final double[] noise;

    Definition(List<GatedFrame> frames) {
      this.frames = frames;
      noise = new double[frames.size()];
      List<Double> levels = new ArrayList<>();
      for (int i = 0; i < noise.length; i++) {
        List<Double> last =
            new ArrayList<>(levels.subList(Math.max(0, levels.size() - 48), levels.size()));
        Collections.sort(last);
        noise[i] = last.isEmpty() ? -70 : Math.max(-70, last.get(last.size() / 4));
        if (!frames.get(i).speech()) {
          levels.add(level(i));
        }
      }
    }

    List<Interval> segments() {
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
          // Inside the break that ends a segment it may still go on: 9 frames and a part of one.
          int free = i == 0 ? 0 : (int) runs.get(i - 1).endMillis() / FRAME + 9;
          segments.add(edged(runs.get(i), free));
        }
      }
      return segments;
    }

    private Interval edged(Interval run, int free) {
      int first = (int) run.beginMillis() / FRAME;
      int last = (int) run.endMillis() / FRAME - 1;
      int loudTo = last;
      while (loudTo > first
          && !(frames.get(loudTo).speech() && level(loudTo) > noise[first] + 1.5)) {
        loudTo--;
      }
      long end = Math.max((loudTo + 1L) * FRAME, run.endMillis() - 64) - 8;
      return new Interval(begin(first, last, free), end);
    }

    private long begin(int first, int last, int free) {
      int from = missed(first, free);
      if (from < first) {
        return from * (long) FRAME + 16;
      }
      if (!loud(first, noise[first])) {
        for (int i = first + 1; i <= Math.min(last, first + 13); i++) {
          if (speaks(i) && loud(i, noise[first])) {
            return missed(i, free) * (long) FRAME + 16;
          }
        }
      }
      return first * (long) FRAME;
    }

    private boolean speaks(int index) {
      return frames.get(index).speech();
    }

    /** The first frame of the sound that belongs to speech from this frame on. */
    private int missed(int speech, int free) {
      int begin = speech;
      for (int to = speech; to > free && to > speech - 13 && begin - to <= 5; to--) {
        int from = to;
        float highest = 0;
        while (from > free && rises(from - 1)) {
          from--;
          highest = Math.max(highest, frames.get(from).frame().probability());
        }
        if (from < to && highest >= 0.01f && to - from >= 2) {
          begin = from;
        } else if (from < to && to == speech) {
          begin = Math.max(from, speech - 5);
        }
        to = Math.min(to, from + 1);
      }
      return Math.max(begin, speech - 13);
    }

    /** Without speech, not the other party, louder than the noise. */
    private boolean rises(int index) {
      GatedFrame frame = frames.get(index);
      return !frame.speech() && frame.own() && loud(index, noise[index]);
    }

    private boolean loud(int index, double noise) {
      return level(index) > noise + 4;
    }

    private double level(int index) {
      return frames.get(index).frame().energy().dbfs();
    }
  }

  private static void add(List<GatedFrame> frames, int count, boolean speech, double dbfs) {
    add(frames, count, speech, dbfs, 0);
  }

  private static void add(
      List<GatedFrame> frames, int count, boolean speech, double dbfs, float probability) {
    for (int i = 0; i < count; i++) {
      frames.add(new GatedFrame(frame(frames.size(), dbfs, probability), true, speech));
    }
  }

  private static SpeechFrame frame(int index, double dbfs, float probability) {
    long squares = (long) (Math.pow(10, dbfs / 10) * 32768 * 32768 * 512);
    return new SpeechFrame(
        (long) index * FRAME, (index + 1L) * FRAME, probability, new SpeechEnergy(squares, 512));
  }
}
