package io.antiphon.runtime.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.SpeechSegmenter;
import io.antiphon.runtime.SpeechSegmenter.Change;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpeechSegmenterTest {
  private static final int WINDOW = SpeechDetector.WINDOW;

  /** A quiet of three windows. */
  private static final int QUIET_MILLIS = 96;

  @Test
  void speechBeginsAtTheFirstOfTwoLikelyWindowsAndEndsWhereQuietBegan() {
    assertThat(edges(0.1, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1))
        .containsExactly("BEGAN " + WINDOW, "ENDED " + 4 * WINDOW);
  }

  @Test
  void oneLikelyWindowIsNoSpeech() {
    assertThat(edges(0.1, 0.9, 0.1, 0.9, 0.1, 0.1)).isEmpty();
  }

  @Test
  void betweenBothThresholdsNothingChanges() {
    assertThat(edges(0.9, 0.9, 0.4, 0.4, 0.4, 0.4, 0.4)).containsExactly("BEGAN 0");
    assertThat(edges(0.9, 0.9, 0.1, 0.4, 0.4)).containsExactly("BEGAN 0", "ENDED " + 2 * WINDOW);
  }

  @Test
  void aPauseShorterThanTheQuietIsPartOfTheSpeech() {
    assertThat(edges(0.9, 0.9, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1))
        .containsExactly("BEGAN 0", "ENDED " + 5 * WINDOW);
  }

  @Test
  void theEndOfTheAudioEndsSpeech() {
    SpeechSegmenter segmenter = new SpeechSegmenter(0.5, QUIET_MILLIS);
    assertThat(segmenter.finish()).isEqualTo(Change.NONE);
    segmenter.append(0.9f);
    segmenter.append(0.9f);
    assertThat(segmenter.finish()).isEqualTo(Change.ENDED);
    assertThat(segmenter.edge()).isEqualTo(2 * WINDOW);
  }

  @Test
  void restoredAnywhereItFindsTheSameEdges() throws IOException {
    Random random = new Random(7);
    double[] probabilities = random.doubles(400).toArray();
    List<String> expected = edges(probabilities);
    SpeechSegmenter segmenter = new SpeechSegmenter(0.5, QUIET_MILLIS);
    List<String> found = new ArrayList<>();
    for (double probability : probabilities) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      segmenter.save(new DataOutputStream(bytes));
      segmenter = new SpeechSegmenter(0.5, QUIET_MILLIS);
      segmenter.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      add(segmenter, probability, found);
    }
    assertThat(found).isEqualTo(expected).hasSizeGreaterThan(10);
  }

  private static List<String> edges(double... probabilities) {
    SpeechSegmenter segmenter = new SpeechSegmenter(0.5, QUIET_MILLIS);
    List<String> found = new ArrayList<>();
    for (double probability : probabilities) {
      add(segmenter, probability, found);
    }
    return found;
  }

  private static void add(SpeechSegmenter segmenter, double probability, List<String> found) {
    Change change = segmenter.append((float) probability);
    if (change != Change.NONE) {
      found.add(change + " " + segmenter.edge());
    }
  }
}
