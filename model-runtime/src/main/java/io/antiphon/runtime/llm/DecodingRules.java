package io.antiphon.runtime.llm;

import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.manifest.Manifest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The loop around the step graph, as the reference's {@code generate} has it: what a step's ids
 * mean and what the next step gets as input. Pure functions of the step before, so that a replay
 * needs nothing else.
 */
final class DecodingRules {
  private final Manifest.TextIds text;
  private final Manifest.SpeechIds speech;
  private final int groupSize;
  private final int[] endGroup;

  DecodingRules(Manifest manifest) {
    this.text = manifest.textIds();
    this.speech = manifest.speechIds();
    this.groupSize = manifest.audio().groupSize();
    this.endGroup = new int[groupSize];
    Arrays.fill(endGroup, speech.end());
  }

  /**
   * Reads a step's ids.
   *
   * @param before the step before, null at the first
   * @param sampledText the text id that was drawn
   * @param sampledSpeech the k speech ids that were drawn, null without refined head
   */
  GenerationStep read(
      Generation generation,
      @Nullable GenerationStep before,
      int index,
      int sampledText,
      int @Nullable [] sampledSpeech) {
    int textId = sampledText;
    if (index == 0 && generation.request().forceSpeech()) {
      textId = text.audioBegin();
    }
    int[] emitted = null;
    if (sampledSpeech != null && speaking(before)) {
      emitted = sampledSpeech;
      if (contains(sampledSpeech, speech.end())) {
        emitted = endGroup.clone();
        // An end of the turn that is drawn in this very step stays: the turn ends here, as the
        // reference's does.
        textId = text.endOfTurn().contains(sampledText) ? sampledText : text.audioEnd();
      }
    }
    return new GenerationStep(index, textId, emitted, sampledSpeech);
  }

  /** Whether the step after {@code step} speaks. */
  boolean speaking(@Nullable GenerationStep step) {
    if (step == null || step.sampledSpeechIds() == null) {
      return false;
    }
    return step.speechIds() == null
        ? step.textId() == text.audioBegin()
        : step.speechIds()[0] != speech.end();
  }

  /**
   * The group that the step after {@code step} averages into its input; null when its input is text
   * alone.
   */
  int @Nullable [] inputGroup(@Nullable GenerationStep step) {
    return step != null && speaking(step) ? step.speechIds() : null;
  }

  /** The last id that was drawn, thrown-away ones too. */
  int previousSpeechId(@Nullable GenerationStep step) {
    return step == null || step.sampledSpeechIds() == null
        ? speech.begin()
        : step.sampledSpeechIds()[groupSize - 1];
  }

  /** Whether the text ends with this step. */
  boolean ends(GenerationStep step) {
    return text.endOfTurn().contains(step.textId());
  }

  /**
   * How many ids of the group will be heard: those of begin that delay speech against text, and the
   * last group's, are not.
   */
  int audibleIds(GenerationStep step) {
    return step.speechIds() == null
        ? 0
        : (int) Arrays.stream(step.speechIds()).filter(id -> id < speech.codes()).count();
  }

  private static boolean contains(int[] ids, int wanted) {
    for (int id : ids) {
      if (id == wanted) {
        return true;
      }
    }
    return false;
  }
}
