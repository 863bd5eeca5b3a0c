package io.antiphon.runtime.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.Goldens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogMelTest {
  private final Bundle bundle = Bundle.load(Goldens.A);

  @Test
  void anyChunkingEqualsOneShot() {
    for (int length : new int[] {0, 1, 150, 200, 201, 32_000, 32_040, 32_041, 70_123}) {
      float[] samples = samples(length);
      List<MelWindow> oneShot = windows(bundle.logMel(), samples, length + 1, false);
      for (int chunk : new int[] {1, 160, 333, 4_000, 32_000}) {
        if (chunk > 1 || length < 1000) {
          assertSame(windows(bundle.logMel(), samples, chunk, false), oneShot);
        }
      }
    }
  }

  @Test
  void aRestoredStreamGoesOnTheSame() {
    float[] samples = samples(70_123);

    List<MelWindow> restored = windows(bundle.logMel(), samples, 1_717, true);

    assertSame(restored, windows(bundle.logMel(), samples, samples.length, false));
  }

  @Test
  void hasOneFrameForEachHopBegun() {
    assertThat(frames(0)).isZero();
    assertThat(frames(1)).isEqualTo(1);
    assertThat(frames(160)).isEqualTo(1);
    assertThat(frames(161)).isEqualTo(2);
    assertThat(frames(32_000)).isEqualTo(200);
    assertThat(frames(32_030)).isEqualTo(201);
  }

  @Test
  void aWindowIsThereAsSoonAsItsSamplesAre() {
    LogMel logMel = bundle.logMel();

    assertThat(logMel.append(samples(32_041))).hasSize(1);
  }

  @Test
  void silenceAndFullScaleAreFinite() {
    float[] samples = new float[40_000];
    Arrays.fill(samples, 20_000, 40_000, 1f);
    for (MelWindow window : windows(bundle.logMel(), samples, 999, false)) {
      for (float value : window.mel()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void aSampleThatIsNoNumberIsRefused() {
    LogMel logMel = bundle.logMel();
    float[] samples = samples(100);
    samples[50] = Float.NaN;

    assertThatThrownBy(() -> logMel.append(samples)).hasMessageContaining("NaN");
    assertThat(logMel.samples()).isZero();
  }

  @Test
  void aStateOfAnotherBundleIsRefused() {
    assertThatThrownBy(() -> bundle.logMel().restore(new byte[77]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private int frames(int samples) {
    return windows(bundle.logMel(), samples(samples), 8_000, false).stream()
        .mapToInt(MelWindow::frames)
        .sum();
  }

  /** A tone that grows louder, so that the running maximum moves, with noise. */
  private static float[] samples(int length) {
    Random random = new Random(5);
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      double loudness = 0.001 + 0.5 * i / Math.max(1, length);
      samples[i] = (float) (loudness * (Math.sin(i * 0.05) + 0.1 * random.nextGaussian()));
    }
    return samples;
  }

  private List<MelWindow> windows(LogMel logMel, float[] samples, int chunk, boolean restoring) {
    List<MelWindow> windows = new ArrayList<>();
    LogMel stream = logMel;
    for (int begin = 0; begin < samples.length; begin += chunk) {
      int end = Math.min(samples.length, begin + chunk);
      windows.addAll(stream.append(Arrays.copyOfRange(samples, begin, end)));
      if (restoring) {
        byte[] state = stream.state();
        stream = bundle.logMel();
        stream.restore(state);
      }
    }
    windows.addAll(stream.finish());
    return windows;
  }

  private static void assertSame(List<MelWindow> windows, List<MelWindow> expected) {
    assertThat(windows).hasSameSizeAs(expected);
    for (int i = 0; i < windows.size(); i++) {
      assertThat(windows.get(i).frames()).isEqualTo(expected.get(i).frames());
      assertThat(windows.get(i).mel()).isEqualTo(expected.get(i).mel());
    }
  }
}
