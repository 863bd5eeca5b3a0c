package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import io.antiphon.runtime.speech.WordAligner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The shipped bundle says when the words of a sample are spoken, as its head does in Python. */
class WordTimesTest {
  private static final int HEADER = 44;

  /** Of {@code antiphon.train.word_times.scores} and {@code antiphon.word_alignment.words}. */
  private static final int[][] EXPECTED = {
    {195, 395}, {395, 515}, {515, 1000}, {1055, 1175}, {1175, 1420}, {1455, 1940}, {1975, 2360}
  };

  private static final List<String> WORDS =
      List.of("what is fifty eight plus ninety three".split(" "));

  @Test
  void aSamplesWordsAreTimed() throws Exception {
    try (LocalModelHost host =
        new LocalModelHost(
            TestConversations.settings(Goldens.NANO_BUNDLE, 1)
                .withParts(ModelHostSettings.Parts.TEXT))) {
      float[] alone = scores(host, 1);

      List<WordAligner.WordTime> times =
          new WordAligner(host.bundle().manifest().wordTimes().orElseThrow()).align(alone, WORDS);

      assertThat(times).hasSize(EXPECTED.length);
      for (int i = 0; i < EXPECTED.length; i++) {
        assertThat(times.get(i).beginMillis()).isCloseTo(EXPECTED[i][0], within(20));
        assertThat(times.get(i).endMillis()).isCloseTo(EXPECTED[i][1], within(20));
      }
      assertThat(scores(host, 8)).isEqualTo(alone);
    }
  }

  @Test
  void aBundleWithoutTheGraphSaysSo() {
    try (LocalModelHost host = new LocalModelHost(TestConversations.settings(Goldens.of("a"), 1))) {
      assertThat(host.bundle().manifest().wordTimes()).isEmpty();
      assertThatThrownBy(() -> host.scoreCharacters(new float[128], 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the bundle has no graph wordTimes");
    }
  }

  /** The first caller's of several who ask at the same time. */
  private static float[] scores(ModelHost host, int callers) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(Path.of("../samples/add.wav")))
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] samples = new float[(file.capacity() - HEADER) / 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = file.getShort(HEADER + 2 * i) / 32768f;
    }
    LogMel logMel = host.bundle().logMel();
    List<MelWindow> windows = new ArrayList<>(logMel.append(samples));
    windows.addAll(logMel.finish());
    List<CompletableFuture<float[]>> first = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      for (MelWindow window : windows) {
        CompletableFuture<float[]> scores = host.scoreCharacters(window.mel(), window.frames());
        host.encode(window.mel(), window.frames());
        if (caller == 0) {
          first.add(scores);
        }
      }
    }
    float[] all = new float[0];
    for (CompletableFuture<float[]> each : first) {
      float[] next = each.join();
      int before = all.length;
      all = Arrays.copyOf(all, before + next.length);
      System.arraycopy(next, 0, all, before, next.length);
    }
    return all;
  }
}
