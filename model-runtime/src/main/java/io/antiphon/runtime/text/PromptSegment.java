package io.antiphon.runtime.text;

import io.antiphon.runtime.ModelHost;
import java.util.List;

/** A piece of a prompt. Arrays are handed over: the caller does not change them afterwards. */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; copies would double the log
public sealed interface PromptSegment {
  /** Positions that the segment takes. */
  int positions();

  /** Positions that segments take together. */
  static int positions(List<PromptSegment> segments) {
    return segments.stream().mapToInt(PromptSegment::positions).sum();
  }

  /**
   * Text ids, one position each.
   *
   * @param ids ids of the text vocabulary
   */
  record Text(int[] ids) implements PromptSegment {
    @Override
    public int positions() {
      return ids.length;
    }
  }

  /**
   * Caller audio, one position per group.
   *
   * @param groups embeddings {@code [count x d]}, from {@link ModelHost#group}
   * @param count number of groups
   */
  record Audio(float[] groups, int count) implements PromptSegment {
    public Audio {
      if (count < 0 || (count == 0 ? groups.length != 0 : groups.length % count != 0)) {
        throw new IllegalArgumentException(
            "groups has " + groups.length + " values, expected a multiple of count " + count);
      }
    }

    @Override
    public int positions() {
      return count;
    }
  }

  /**
   * Text and caller audio at the same positions, as full duplex has them; refused by a host whose
   * graphs take one of them.
   *
   * @param ids ids of the text vocabulary
   * @param groups embeddings {@code [ids x d]}
   */
  record TextAndAudio(int[] ids, float[] groups) implements PromptSegment {
    public TextAndAudio {
      if (ids.length == 0 ? groups.length != 0 : groups.length % ids.length != 0) {
        throw new IllegalArgumentException(
            "groups has " + groups.length + " values, expected a multiple of ids " + ids.length);
      }
    }

    @Override
    public int positions() {
      return ids.length;
    }
  }
}
