package io.antiphon.runtime;

import io.antiphon.runtime.manifest.Sampling;
import java.util.List;

/**
 * One answer to be generated.
 *
 * @param seed the conversation's seed; with turn, position and k it decides every random number
 * @param turn the conversation's turn
 * @param speech whether the refined head runs, so that the answer may speak
 * @param forceSpeech whether the first text id is forced to the one that begins speech
 * @param text drawing of text ids
 * @param speechSampling drawing of speech ids
 * @param maximumNewPositions the generation ends with {@link GenerationEnd#LENGTH} after this many
 *     steps
 * @param replay steps that are already known (after a restore), decoded again with their ids
 *     forced; from index 0, without gap
 */
public record GenerationRequest(
    long seed,
    int turn,
    boolean speech,
    boolean forceSpeech,
    Sampling text,
    Sampling speechSampling,
    int maximumNewPositions,
    List<GenerationStep> replay) {

  public GenerationRequest {
    if (maximumNewPositions < 1) {
      throw new IllegalArgumentException(
          "maximumNewPositions is " + maximumNewPositions + ", expected at least 1");
    }
    if (forceSpeech && !speech) {
      throw new IllegalArgumentException("forceSpeech needs speech");
    }
    replay = List.copyOf(replay);
    for (int i = 0; i < replay.size(); i++) {
      if (replay.get(i).index() != i) {
        throw new IllegalArgumentException(
            "replay step " + i + " has index " + replay.get(i).index() + ", expected " + i);
      }
    }
  }
}
