package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
  private static final double STOP_BAND_DECIBELS = -70;

  @ParameterizedTest
  @CsvSource({
    "8000,16000",
    "16000,16000",
    "24000,16000",
    "48000,16000",
    "24000,8000",
    "22050,16000",
    "44100,16000"
  })
  void everyCutGivesTheSameSamplesBitForBit(int from, int to) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      float[] samples = Signals.noise(random, random.nextInt(12_000));
      Resampler resampler = new Resampler(from, to);
      float[] pieces = new float[0];
      for (int at = 0; at < samples.length; ) {
        int length = Signals.pieceLength(random, samples.length - at);
        pieces =
            Signals.concatenate(
                pieces, resampler.process(Arrays.copyOfRange(samples, at, at + length)));
        at += length;
      }
      pieces = Signals.concatenate(pieces, resampler.flush());
      Signals.assertSame(pieces, Resampler.resample(samples, from, to));
    }
  }

  @ParameterizedTest
  @CsvSource({"8000,16000", "24000,16000", "48000,16000", "24000,8000", "22050,16000"})
  void aStreamHasAsManySamplesAsItLasts(int from, int to) {
    for (int length : new int[] {0, 1, 2, 3, 160, 479, 48_001}) {
      int expected = (int) Math.ceil((double) length * to / from);
      assertThat(Resampler.resample(new float[length], from, to)).hasSize(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"8000,16000", "24000,16000", "48000,16000", "24000,8000", "44100,16000"})
  void passesWhatBothRatesCanSayUndelayed(int from, int to) {
    int lower = Math.min(from, to);
    for (double share : new double[] {0.01, 0.1, 0.3, 0.6, 0.8, 0.89}) {
      double hertz = share * lower / 2;
      float[] result = Resampler.resample(Signals.sine(hertz, from, 0.5, 0.5), from, to);
      float[] expected = Signals.sine(hertz, to, 0.5, 0.5);
      // Away from the ends, where the stream's silent surroundings are heard.
      for (int i = expected.length / 4; i < expected.length * 3 / 4; i++) {
        assertThat(result[i])
            .as("%s Hz, sample %s", hertz, i)
            .isCloseTo(expected[i], within(2e-4f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"24000,16000", "48000,16000", "24000,8000", "44100,16000"})
  void nothingAboveTheLowerNyquistFrequencyComesThroughAsAnAlias(int from, int to) {
    for (double hertz = to / 2.0; hertz <= from / 2.0; hertz += to / 160.0) {
      float[] result = Resampler.resample(Signals.sine(hertz, from, 0.3, 1), from, to);
      assertThat(middleLevel(result)).as("%s Hz", hertz).isLessThan(STOP_BAND_DECIBELS);
    }
  }

  @Test
  void raisingTheRateLeavesNoMirrorImages() {
    for (double hertz = 100; hertz <= 3_900; hertz += 100) {
      float[] result = Resampler.resample(Signals.sine(hertz, 8_000, 0.3, 1), 8_000, 16_000);
      // The image of f stands at 8 kHz - f: correlate with it over whole periods.
      double image = 8_000 - hertz;
      int start = result.length / 4;
      int length = 1_600; // whole periods of every multiple of 10 Hz
      double sine = 0;
      double cosine = 0;
      for (int i = start; i < start + length; i++) {
        sine += result[i] * Math.sin(2 * Math.PI * image * i / 16_000);
        cosine += result[i] * Math.cos(2 * Math.PI * image * i / 16_000);
      }
      double amplitude = 2 * Math.hypot(sine, cosine) / length;
      assertThat(20 * Math.log10(amplitude)).as("%s Hz", hertz).isLessThan(STOP_BAND_DECIBELS);
    }
  }

  @Test
  void equalRatesChangeNothing() {
    float[] samples = Signals.noise(new Random(1), 1_000);
    Signals.assertSame(Resampler.resample(samples, 16_000, 16_000), samples);
  }

  @Test
  void isAtAStartAgainAfterTheEnd() {
    float[] samples = Signals.noise(new Random(2), 3_000);
    Resampler resampler = new Resampler(24_000, 16_000);
    float[] first = Signals.concatenate(resampler.process(samples), resampler.flush());
    float[] second = Signals.concatenate(resampler.process(samples), resampler.flush());
    Signals.assertSame(second, first);
  }

  @Test
  void refusesWhatIsNoNumberAndGoesOn() {
    float[] samples = Signals.noise(new Random(3), 3_000);
    Resampler resampler = new Resampler(48_000, 16_000);
    assertThatThrownBy(() -> resampler.process(new float[] {0.5f, Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample 1 of 2 is NaN; expected a number");
    assertThatThrownBy(() -> resampler.process(new float[] {Float.POSITIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class);
    Signals.assertSame(
        Signals.concatenate(resampler.process(samples), resampler.flush()),
        Resampler.resample(samples, 48_000, 16_000));
  }

  @Test
  void namesARateThatIsNone() {
    assertThatThrownBy(() -> new Resampler(0, 16_000))
        .hasMessage("input sample rate is 0; expected 1000 to 384000");
  }

  /** Decibels below a full-scale sine of the loudest sample away from the ends. */
  private static double middleLevel(float[] samples) {
    float peak = 1e-9f;
    for (int i = samples.length / 4; i < samples.length * 3 / 4; i++) {
      peak = Math.max(peak, Math.abs(samples[i]));
    }
    return 20 * Math.log10(peak);
  }
}
