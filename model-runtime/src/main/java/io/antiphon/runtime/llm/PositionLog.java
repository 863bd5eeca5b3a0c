package io.antiphon.runtime.llm;

import io.antiphon.runtime.text.PromptSegment;
import java.util.Arrays;

/**
 * What a conversation's context consists of, position by position: prompt (text id or group
 * embedding, computed by prefill) or decoded (computed by a step). The key-value row is a cache of
 * it. Guarded by the engine's lock.
 */
final class PositionLog {
  private final int placeholder;
  private final int embeddingSize;
  private int length;
  private int[] textIds = new int[64];
  private float[][] groups = new float[64][];
  private int[] groupOffsets = new int[64];

  /** The generation whose step computes the position; null for a position that is prefilled. */
  private Generation[] generations = new Generation[64];

  private int[] stepIndexes = new int[64];

  /**
   * @param placeholder text id that stands where audio is
   */
  PositionLog(int placeholder, int embeddingSize) {
    this.placeholder = placeholder;
    this.embeddingSize = embeddingSize;
  }

  int length() {
    return length;
  }

  void append(PromptSegment segment) {
    if (segment instanceof PromptSegment.Text text) {
      for (int id : text.ids()) {
        int position = grow();
        textIds[position] = id;
      }
    } else if (segment instanceof PromptSegment.Audio audio) {
      for (int i = 0; i < audio.count(); i++) {
        int position = grow();
        textIds[position] = placeholder;
        groups[position] = audio.groups();
        groupOffsets[position] = i * embeddingSize;
      }
    }
  }

  /** Appends a position whose input a generation made. */
  void appendDecoded(int textId, Generation generation, int stepIndex) {
    int position = grow();
    textIds[position] = textId;
    generations[position] = generation;
    stepIndexes[position] = stepIndex;
  }

  /** Leaves the last prompt position to the first step of a generation. */
  void decodeLast(Generation generation) {
    generations[length - 1] = generation;
    stepIndexes[length - 1] = 0;
  }

  /**
   * Cuts back to {@code kept} positions. The last of them, if it was the first step of a
   * generation, is a prompt position again: now others follow it, and the reference prefills the
   * whole prompt of a turn.
   *
   * @return positions whose computed form is still right
   */
  int truncate(int kept) {
    Arrays.fill(groups, kept, length, null);
    Arrays.fill(generations, kept, length, null);
    length = kept;
    if (kept > 0 && generations[kept - 1] != null && stepIndexes[kept - 1] == 0) {
      generations[kept - 1] = null;
      return kept - 1;
    }
    return kept;
  }

  /** Whether a cut there leaves no half of a generation. */
  boolean canTruncate(int kept) {
    return kept == 0
        || kept == length
        || generations[kept - 1] == null
        || stepIndexes[kept - 1] == 0;
  }

  int textId(int position) {
    return textIds[position];
  }

  /** Null at a position that is text. */
  float[] groups(int position) {
    return groups[position];
  }

  int groupOffset(int position) {
    return groupOffsets[position];
  }

  boolean decoded(int position) {
    return generations[position] != null;
  }

  Generation generation(int position) {
    return generations[position];
  }

  int stepIndex(int position) {
    return stepIndexes[position];
  }

  /** The first decoded position from {@code position} on, or the length. */
  int promptEnd(int position) {
    int end = position;
    while (end < length && generations[end] == null) {
      end++;
    }
    return end;
  }

  /** Whether the refined head's cache has no gap: no position was decoded without it. */
  boolean spokenThroughout() {
    for (int position = 0; position < length; position++) {
      if (generations[position] != null && !generations[position].request().speech()) {
        return false;
      }
    }
    return true;
  }

  private int grow() {
    if (length == textIds.length) {
      int size = 2 * length;
      textIds = Arrays.copyOf(textIds, size);
      groups = Arrays.copyOf(groups, size);
      groupOffsets = Arrays.copyOf(groupOffsets, size);
      generations = Arrays.copyOf(generations, size);
      stepIndexes = Arrays.copyOf(stepIndexes, size);
    }
    groups[length] = null;
    generations[length] = null;
    return length++;
  }
}
