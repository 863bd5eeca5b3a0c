package io.antiphon.runtime.llm;

import io.antiphon.runtime.manifest.Manifest;

/**
 * Which positions attention finds in the refined head's cache of a row where the head sees only a
 * window: those from {@link #begin} on, so that it does not multiply what it may not see. Others
 * are set aside in blocks, at places that depend on the position alone: where a cache begins
 * changes the order of sums, and a conversation is to get the same bits however its prompt came.
 * Immutable.
 */
public final class SlidingWindow {
  /** Positions that go together; a prefill chunk ends there. */
  static final int BLOCK = DecodingEngine.CHUNK;

  /** Positions before the present one that it sees; as many as there are, without a window. */
  private final int seen;

  /** The window of a bundle's refined head. */
  public SlidingWindow(Manifest manifest) {
    this(manifest.refinedHead().window().orElse(Integer.MAX_VALUE), manifest.audio().groupSize());
  }

  SlidingWindow(int entries, int groupSize) {
    this.seen = (entries - 2) / groupSize + 1;
  }

  /** First position that attention finds while {@code position} is computed. */
  public int begin(int position) {
    return Math.max(0, position - seen) / BLOCK * BLOCK;
  }

  /** First position after {@code position} for which the cache begins elsewhere. */
  int end(int position) {
    long end = (long) begin(position) + BLOCK + seen;
    return (int) Math.min(Integer.MAX_VALUE, end);
  }
}
