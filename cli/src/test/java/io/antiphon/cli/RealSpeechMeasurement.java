package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.speech.GatedFrame;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.SpeechSettings;
import io.antiphon.analytics.speech.SpeechTracker;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.detection.SileroDetector;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Prints where segments lie in recordings of people, against where they speak: of the telephone
 * call as its listeners marked it; of a prompt what is loud enough by ITU-T P.56 is speech for
 * certain, and what is 40 dB below its loudest 10 ms is none. No test of a build: {@code
 * cli/real-speech/run} fetches the recordings into the folder that the system property {@code
 * antiphon.realSpeech} names, and runs it.
 */
class RealSpeechMeasurement {
  private static final int RATE = SpeechDetector.SAMPLE_RATE;
  private static final int STEP_MILLIS = 10;

  /** Of ITU-T P.56: how far below the level of speech its threshold lies. */
  private static final double MARGIN_DB = 15.9;

  /** What is so much softer than the loudest 10 ms is no speech. */
  private static final double FAINTEST_DB = 40;

  /** Of threshold and level, each from the other: neither moves any more. */
  private static final int ROUNDS = 20;

  private final Path folder =
      Path.of(Objects.requireNonNull(System.getProperty("antiphon.realSpeech")));

  private final SpeechDetector detector =
      new SileroDetector(new OnnxSessions(Device.CPU, 1, false));

  private long speech;
  private long missed;
  private long invented;

  @Test
  void ofATelephoneCall() throws IOException {
    float[] sound = MonoRecording.read(folder.resolve("sample.wav")).samplesAt(RATE);
    boolean[] truth = new boolean[sound.length * 1000 / RATE / STEP_MILLIS];
    for (String line : Files.readAllLines(folder.resolve("sample.rttm"))) {
      String[] fields = line.strip().split("\\s+");
      long begin = Math.round(Double.parseDouble(fields[3]) * 1000);
      mark(truth, new Interval(begin, begin + Math.round(Double.parseDouble(fields[4]) * 1000)));
    }
    judge(sound, truth, truth);
    tell("telephone call of two, one channel");
  }

  @Test
  void ofPromptsOfACallCentre() throws IOException {
    int prompts = 0;
    for (String line : Files.readAllLines(folder.resolve("prompts.txt"))) {
      String[] nameAndWords = line.split(": ", 2);
      // What is in brackets is a tone, silence or a noise.
      if (nameAndWords.length < 2 || nameAndWords[1].matches("[\\[(].*")) {
        continue;
      }
      Path file = folder.resolve("prompts").resolve(nameAndWords[0] + ".wav");
      if (Files.exists(file)) {
        float[] sound = MonoRecording.read(file).samplesAt(RATE);
        double[] power = power(sound);
        judge(sound, louder(power, active(power)), louder(power, faintest(power)));
        prompts++;
      }
    }
    tell(prompts + " prompts");
  }

  /** Of each 10 ms. */
  private static double[] power(float[] sound) {
    int step = RATE * STEP_MILLIS / 1000;
    double[] power = new double[sound.length / step];
    for (int i = 0; i < power.length; i++) {
      for (int at = i * step; at < (i + 1) * step; at++) {
        power[i] += sound[at] * sound[at] / step;
      }
    }
    return power;
  }

  /** The least power of speech by ITU-T P.56: 15.9 dB below the mean of what is above it. */
  private static double active(double[] power) {
    double least = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double threshold = least;
      least =
          Arrays.stream(power).filter(each -> each >= threshold).average().orElse(0)
              * Math.pow(10, -MARGIN_DB / 10);
    }
    return least;
  }

  private static double faintest(double[] power) {
    return Arrays.stream(power).max().orElse(0) * Math.pow(10, -FAINTEST_DB / 10);
  }

  /** Breaks of up to 300 ms belong to what is said. */
  private static boolean[] louder(double[] power, double least) {
    boolean[] louder = new boolean[power.length];
    int last = -1;
    int merged = (int) SpeechSettings.DEFAULT.mergeMillis() / STEP_MILLIS;
    for (int i = 0; i < power.length; i++) {
      if (power[i] > 0 && power[i] >= least) {
        for (int at = last < 0 || i - last > merged ? i : last; at <= i; at++) {
          louder[at] = true;
        }
        last = i;
      }
    }
    return louder;
  }

  /**
   * @param certain where somebody speaks for certain
   * @param possible where somebody may speak
   */
  private void judge(float[] sound, boolean[] certain, boolean[] possible) {
    boolean[] found = new boolean[certain.length];
    segments(sound).forEach(each -> mark(found, each));
    for (int i = 0; i < found.length; i++) {
      speech += certain[i] ? 1 : 0;
      missed += certain[i] && !found[i] ? 1 : 0;
      invented += found[i] && !possible[i] ? 1 : 0;
    }
  }

  private static void mark(boolean[] steps, Interval stretch) {
    int end = (int) Math.min(steps.length, stretch.endMillis() / STEP_MILLIS);
    for (int i = (int) stretch.beginMillis() / STEP_MILLIS; i < end; i++) {
      steps[i] = true;
    }
  }

  private List<Interval> segments(float[] sound) {
    List<Interval> segments = new ArrayList<>();
    SpeechTracker tracker =
        new SpeechTracker(
            1,
            SpeechSettings.DEFAULT,
            new SpeechTracker.Listener() {
              @Override
              public void frame(int channel, GatedFrame frame) {}

              @Override
              public void talkBegan(int channel, long millis) {}

              @Override
              public void talkEnded(int channel, Interval segment) {
                segments.add(segment);
              }

              @Override
              public void known(int channel, long millis) {}

              @Override
              public void utterance(Utterance utterance) {}
            });
    short[] exact = SampleCoding.to16Bits(sound);
    float[] probabilities = detector.open().append(SampleCoding.toFloats(exact));
    int perMilli = RATE / 1000;
    for (int i = 0; i < probabilities.length; i++) {
      int begin = i * SpeechDetector.WINDOW;
      int end = begin + SpeechDetector.WINDOW;
      tracker.frame(
          0,
          new SpeechFrame(
              begin / perMilli,
              end / perMilli,
              probabilities[i],
              SpeechEnergy.of(exact, begin, end)));
    }
    tracker.end(0);
    return segments;
  }

  private void tell(String what) {
    System.out.printf(
        "| %s | %.1f s | %.1f %% | %.1f %% |%n",
        what, speech * STEP_MILLIS / 1000.0, 100.0 * missed / speech, 100.0 * invented / speech);
    assertThat(speech).isPositive();
  }
}
