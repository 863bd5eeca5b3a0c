package io.antiphon.runtime.llm;

import io.antiphon.runtime.ContextOverflowException;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.PromptSegment;

/** What callers may ask of a context; each check throws and changes nothing. */
final class RequestChecks {
  /** Why a position of text and audio is refused. */
  static final String BOTH =
      "a position has text and audio at once; the bundle's graphs take one of them";

  private final Manifest manifest;
  private final int positions;

  /**
   * @param positions most positions of a log
   */
  RequestChecks(Manifest manifest, int positions) {
    this.manifest = manifest;
    this.positions = positions;
  }

  void requireKnownIds(PromptSegment segment) {
    int vocabulary = manifest.sharedLlm().vocabularySize();
    int hidden = manifest.sharedLlm().hiddenSize();
    if (segment instanceof PromptSegment.Text text) {
      for (int id : text.ids()) {
        if (id < 0 || id >= vocabulary) {
          throw new IllegalArgumentException(
              "text id is " + id + ", expected 0 to " + (vocabulary - 1));
        }
      }
    } else if (segment instanceof PromptSegment.Audio audio
        && audio.groups().length != audio.count() * hidden) {
      throw new IllegalArgumentException(
          audio.count()
              + " groups have "
              + audio.groups().length
              + " values, expected "
              + hidden
              + " each");
    } else if (segment instanceof PromptSegment.TextAndAudio) {
      throw new IllegalArgumentException(BOTH);
    }
  }

  void requireRoom(Sequence context, int more) {
    int length = context.log.length() + more;
    if (length > positions) {
      throw new ContextOverflowException(context.name, length, positions);
    }
  }

  static void requireNoGeneration(Sequence context) {
    if (context.generation != null) {
      throw new IllegalStateException(
          "conversation " + context.name + " is being answered, cancel or await its end first");
    }
  }

  void requireAnswerable(Sequence context, GenerationRequest request) {
    int length = context.log.length();
    if (length == 0 || context.log.decoded(length - 1)) {
      throw new IllegalStateException(
          "conversation " + context.name + " has no prompt to answer, append one first");
    }
    if (request.speech() && !(context.speech && context.log.spokenThroughout())) {
      throw new IllegalStateException(
          "conversation "
              + context.name
              + " cannot speak: it was opened without speech, or has unspoken generated positions");
    }
    requireReplay(context, request);
  }

  /** Only the last known step may be one that ends the generation. */
  private void requireReplay(Sequence context, GenerationRequest request) {
    int known = request.replay().size();
    if (known > request.maximumNewPositions()) {
      throw new IllegalArgumentException(
          "replay has "
              + known
              + " steps, expected at most maximumNewPositions "
              + request.maximumNewPositions());
    }
    requireRoom(context, Math.max(0, known - 1));
    for (int i = 0; i < known - 1; i++) {
      if (manifest.textIds().endOfTurn().contains(request.replay().get(i).textId())) {
        throw new IllegalArgumentException(
            "replay step " + i + " of " + known + " ends the turn, expected that of the last only");
      }
    }
  }

  static void requireCut(Sequence context, int length) {
    if (length < 0 || length > context.log.length() || !context.log.canTruncate(length)) {
      throw new IllegalArgumentException(
          "rewind of conversation "
              + context.name
              + " to "
              + length
              + ", expected 0 to "
              + context.log.length()
              + " and not within generated positions");
    }
  }
}
