package io.antiphon.cli;

import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where in a recording somebody speaks, by the rule of the dataflow's own turn detection by
 * silence: speech begins with three loud frames of 20 ms in a row and ends where it is quiet for
 * long enough.
 */
final class SpokenStretches {
  /** Quiet that ends a turn, the same as the default of {@code turnDetection.silenceMillis}. */
  static final int PAUSE_MILLIS = 700;

  /** Root mean square of a loud frame. */
  private static final double LOUD = 0.01;

  private static final int FRAMES_PER_SECOND = 50;
  private static final int LOUD_FRAMES = 3;
  private static final int PAUSE_FRAMES = PAUSE_MILLIS * FRAMES_PER_SECOND / 1000;

  /** Frames before the first loud ones that belong to a turn. */
  private static final int LEAD_IN = FRAMES_PER_SECOND / 2;

  /**
   * @param from first frame of 20 ms that is loud
   * @param to frame behind the last loud one
   */
  private record Stretch(int from, int to) {}

  private final Recording recording;
  private final int frame;
  private final List<Stretch> stretches = new ArrayList<>();

  SpokenStretches(Recording recording) {
    this.recording = recording;
    this.frame = recording.sampleRate() / FRAMES_PER_SECOND;
    find();
  }

  /** The recording's turns: itself, when it has not two stretches with a pause between them. */
  List<Recording> turns() {
    if (stretches.size() < 2) {
      return List.of(recording);
    }
    List<Recording> turns = new ArrayList<>();
    int free = 0;
    for (int i = 0; i < stretches.size(); i++) {
      Stretch stretch = stretches.get(i);
      int from = Math.max(free, stretch.from() - LEAD_IN);
      free = Math.min(stretch.to() + PAUSE_FRAMES, recording.samples().length / frame);
      int end = i == stretches.size() - 1 ? recording.samples().length : free * frame;
      short[] samples = Arrays.copyOfRange(recording.samples(), from * frame, end);
      turns.add(new Recording(recording.sampleRate(), samples, recording.notes()));
    }
    return turns;
  }

  /** Each pause between two stretches, in words. */
  List<String> pauses() {
    List<String> pauses = new ArrayList<>();
    for (int i = 1; i < stretches.size(); i++) {
      int from = stretches.get(i - 1).to();
      pauses.add(
          String.format(
              Locale.ROOT,
              "pauses for %.1f s at %.1f s",
              (double) (stretches.get(i).from() - from) / FRAMES_PER_SECOND,
              (double) from / FRAMES_PER_SECOND));
    }
    return pauses;
  }

  private void find() {
    int loud = 0;
    int begin = -1;
    int lastLoud = 0;
    int frames = recording.samples().length / frame;
    for (int i = 0; i < frames; i++) {
      if (loud(i)) {
        loud++;
        lastLoud = i;
      } else {
        loud = 0;
      }
      if (begin < 0 && loud == LOUD_FRAMES) {
        begin = i - LOUD_FRAMES + 1;
      } else if (begin >= 0 && i - lastLoud >= PAUSE_FRAMES) {
        stretches.add(new Stretch(begin, lastLoud + 1));
        begin = -1;
      }
    }
    if (begin >= 0) {
      stretches.add(new Stretch(begin, lastLoud + 1));
    }
  }

  private boolean loud(int index) {
    double sum = 0;
    for (int i = index * frame; i < (index + 1) * frame; i++) {
      double sample = SampleCoding.toFloat(recording.samples()[i]);
      sum += sample * sample;
    }
    return Math.sqrt(sum / frame) >= LOUD;
  }
}
