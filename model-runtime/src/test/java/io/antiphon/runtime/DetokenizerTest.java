package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.runtime.host.ModelHosts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetokenizerTest {
  private static ModelHost host;

  @BeforeAll
  static void load(@TempDir Path directory) {
    host =
        ModelHosts.acquire(TestConversations.settings(TestBundle.write(directory, json -> {}), 1));
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @Test
  void anyChunkingSoundsLikeOneShot() {
    int[] ids = ids(1, 33);
    float[] oneShot = speak(ids, ids.length);

    assertThat(oneShot).hasSize(ids.length * 960);
    assertThat(maximum(oneShot)).isGreaterThan(0.01);
    for (int chunk : new int[] {1, 2, 5, 13}) {
      assertClose(speak(ids, chunk), oneShot);
    }
  }

  @Test
  void streamsInOneBatchGiveTheSamplesOfEachAlone() {
    List<float[]> alone = new ArrayList<>();
    List<CompletableFuture<float[]>> together = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      alone.add(speak(ids(i, 10), 10));
    }
    for (int i = 0; i < 9; i++) {
      together.add(host.openDetokenizer().decode(ids(i, 10), true));
    }

    for (int i = 0; i < 9; i++) {
      assertThat(together.get(i).join()).isEqualTo(alone.get(i));
    }
  }

  @Test
  void aStreamContinuesFromItsCarry() {
    int[] ids = ids(3, 20);
    try (DetokenizerSession first = host.openDetokenizer();
        DetokenizerSession second = host.openDetokenizer()) {
      float[] begin = first.decode(Arrays.copyOf(ids, 10), false).join();
      byte[] carry = first.carry();
      float[] expected = first.decode(Arrays.copyOfRange(ids, 10, 20), true).join();

      second.restore(carry);

      assertThat(second.decode(Arrays.copyOfRange(ids, 10, 20), true).join()).isEqualTo(expected);
      assertThat(begin.length + expected.length).isEqualTo(20 * 960);
    }
  }

  @Test
  void aStreamIsAtItsBeginningAfterTheLastChunk() {
    int[] ids = ids(4, 7);
    try (DetokenizerSession session = host.openDetokenizer()) {
      float[] first = session.decode(ids, true).join();

      assertThat(session.decode(ids, true).join()).isEqualTo(first);
      assertThat(session.decode(new int[0], true).join()).isEmpty();
    }
  }

  @Test
  void theLastChunkMayBeEmpty() {
    int[] ids = ids(5, 6);
    try (DetokenizerSession session = host.openDetokenizer()) {
      float[] begin = session.decode(ids, false).join();
      float[] rest = session.decode(new int[0], true).join();

      assertThat(begin.length + rest.length).isEqualTo(6 * 960);
    }
  }

  @Test
  void wrongIdsAndForeignCarriesAreRefused() {
    try (DetokenizerSession session = host.openDetokenizer()) {
      assertThatThrownBy(() -> session.decode(new int[] {6561}, false))
          .hasMessageContaining("speech id is 6561, expected 0 to 6560");
      assertThatThrownBy(() -> session.restore(new byte[3])).hasMessageContaining("carry");
    }
  }

  private static float[] speak(int[] ids, int chunk) {
    float[] all = new float[0];
    try (DetokenizerSession session = host.openDetokenizer()) {
      for (int begin = 0; begin < ids.length; begin += chunk) {
        int end = Math.min(ids.length, begin + chunk);
        float[] part =
            session.decode(Arrays.copyOfRange(ids, begin, end), end == ids.length).join();
        int length = all.length;
        all = Arrays.copyOf(all, length + part.length);
        System.arraycopy(part, 0, all, length, part.length);
      }
    }
    return all;
  }

  private static int[] ids(int seed, int count) {
    return new Random(seed).ints(count, 0, 6561).toArray();
  }

  private static double maximum(float[] samples) {
    double maximum = 0;
    for (float sample : samples) {
      maximum = Math.max(maximum, Math.abs(sample));
    }
    return maximum;
  }

  private static void assertClose(float[] samples, float[] expected) {
    assertThat(samples).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < samples.length; i++) {
      worst = Math.max(worst, Math.abs(samples[i] - expected[i]));
    }
    assertThat(worst).isCloseTo(0, within(1e-4));
  }
}
