package io.antiphon.runtime;

import io.antiphon.runtime.manifest.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * What one step produced.
 *
 * @param index counts from 0 in this generation
 * @param textId the text id of this position, as it stands in the sequence (speech begin when
 *     forced, audio end after the last group, unless the turn's end was drawn there)
 * @param speechIds the k ids of the group as emitted (all speech end in the last group), null when
 *     not speaking
 * @param sampledSpeechIds the k ids as drawn, thrown-away ones too; null when the generation has no
 *     refined head
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record GenerationStep(
    int index, int textId, int @Nullable [] speechIds, int @Nullable [] sampledSpeechIds) {

  /**
   * The text id as the reference leaves it in its sequence: audio end in the last group's step,
   * also where it stopped because the turn's end was drawn there.
   */
  public int referenceTextId(Manifest manifest) {
    boolean lastGroup = speechIds != null && speechIds[0] == manifest.speechIds().end();
    return lastGroup ? manifest.textIds().audioEnd() : textId;
  }
}
