package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.CollectedGeneration;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.Goldens;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.ManifestReader;
import io.antiphon.runtime.manifest.Sampling;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecodingRulesTest {
  private static final int WORD = 5;

  private final Manifest manifest = ManifestReader.read(Goldens.A);
  private final DecodingRules rules = new DecodingRules(manifest);
  private final Generation generation =
      new Generation(
          new GenerationRequest(0, 0, true, true, Sampling.GREEDY, Sampling.GREEDY, 10, List.of()),
          new HalfDuplexLoop(rules),
          new CollectedGeneration(),
          0,
          40_000_000);

  @Test
  void speechEndsTheTextWhereTheTextGoesOn() {
    GenerationStep step = afterSpeech(WORD, lastGroup());
    assertThat(step.textId()).isEqualTo(manifest.textIds().audioEnd());
    assertThat(step.referenceTextId(manifest)).isEqualTo(manifest.textIds().audioEnd());
    assertThat(rules.ends(step)).isFalse();
    assertThat(rules.speaking(step)).isFalse();
  }

  @Test
  void turnEndsWhereItsEndIsDrawnInTheStepInWhichSpeechEnds() {
    for (int end : manifest.textIds().endOfTurn()) {
      GenerationStep step = afterSpeech(end, lastGroup());
      assertThat(rules.ends(step)).isTrue();
      assertThat(step.textId()).isEqualTo(end);
      assertThat(step.referenceTextId(manifest)).isEqualTo(manifest.textIds().audioEnd());
      assertThat(step.speechIds()).containsOnly(manifest.speechIds().end());
      assertThat(rules.speaking(step)).isFalse();
    }
  }

  @Test
  void idIsTheReferencesWhereSpeechGoesOn() {
    GenerationStep step = afterSpeech(WORD, group(3));
    assertThat(step.textId()).isEqualTo(WORD);
    assertThat(step.referenceTextId(manifest)).isEqualTo(WORD);
    assertThat(rules.speaking(step)).isTrue();
  }

  private GenerationStep afterSpeech(int sampledText, int[] sampledSpeech) {
    GenerationStep begin = rules.read(generation, null, 0, WORD, group(3));
    assertThat(begin.textId()).as("speech is forced").isEqualTo(manifest.textIds().audioBegin());
    GenerationStep speaking = rules.read(generation, begin, 1, WORD, group(3));
    return rules.read(generation, speaking, 2, sampledText, sampledSpeech);
  }

  private int[] group(int id) {
    int[] ids = new int[manifest.audio().groupSize()];
    Arrays.fill(ids, id);
    return ids;
  }

  private int[] lastGroup() {
    int[] ids = group(3);
    ids[2] = manifest.speechIds().end();
    return ids;
  }
}
