package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** The shipped bundle says when the words of samples are spoken, as its head does in Python. */
class WordTimesTest {
  private static final int HEADER = 44;

  /**
   * The cases are those of {@code antiphon.evaluate.word_times}, written anew with every
   * checkpoint.
   */
  @Test
  void samplesWordsAreTimed() throws Exception {
    JsonNode cases = new ObjectMapper().readTree(Goldens.NANO.resolve("word_times.json").toFile());
    assertThat(cases).isNotEmpty();
    try (LocalModelHost host =
        new LocalModelHost(
            TestConversations.settings(Goldens.NANO_BUNDLE, 1)
                .withParts(ModelHostSettings.Parts.TEXT))) {
      WordAligner aligner = new WordAligner(host.bundle().manifest().wordTimes().orElseThrow());
      for (JsonNode each : cases) {
        String recording = each.path("recording").textValue();
        List<String> words = new ArrayList<>();
        each.path("words").forEach(word -> words.add(word.textValue()));
        float[] alone = scores(host, recording, 1);

        List<WordAligner.WordTime> times = aligner.align(alone, words);

        assertThat(times).as(recording).hasSize(each.path("times").size()).hasSize(words.size());
        for (int i = 0; i < times.size(); i++) {
          JsonNode expected = each.path("times").path(i);
          String word = recording + ": " + words.get(i);
          assertThat(times.get(i).beginMillis())
              .as(word)
              .isCloseTo(expected.path(0).intValue(), within(20));
          assertThat(times.get(i).endMillis())
              .as(word)
              .isCloseTo(expected.path(1).intValue(), within(20));
        }
        assertThat(scores(host, recording, 8)).as(recording).isEqualTo(alone);
      }
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
  private static float[] scores(ModelHost host, String sample, int callers) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(Path.of("../samples", sample + ".wav")))
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
