package io.antiphon.runtime;

import java.util.concurrent.CompletableFuture;

/**
 * Turns one answer's speech ids into samples, each id once, in chunks of any size. Thread safe;
 * chunks are done in the order of the calls.
 */
public interface DetokenizerSession extends AutoCloseable {
  /**
   * @param ids speech ids below the manifest's {@code codes} (no begin, end or pad); may be empty
   * @param last whether the answer ends here; the stream then is at its beginning again
   * @return mono samples at the detokenizer's rate, fewer than {@code ids} stand for while the
   *     look-ahead fills, the rest with the last chunk; all chunks together are ids x
   *     samplesPerToken
   * @throws IllegalArgumentException for an id out of range
   */
  CompletableFuture<float[]> decode(int[] ids, boolean last);

  /** The stream's state after all completed chunks. Call with no chunk under way. */
  byte[] carry();

  /**
   * Continues from {@link #carry()} of a session with the same detokenizer.
   *
   * @throws IllegalArgumentException when the carry belongs to another detokenizer
   */
  void restore(byte[] carry);

  @Override
  void close();
}
