package io.antiphon.runtime;

import io.antiphon.runtime.text.PromptSegment;

/**
 * One conversation's context in the shared LLM and refined head.
 *
 * <p>The context is a log: prompt ids, group embeddings, decoded steps. The key-value row is a
 * cache of it that may be lost and is rebuilt bit for bit: what was prefilled is prefilled again,
 * what was decoded is decoded again. Thread safe.
 */
public interface GenerationSession extends AutoCloseable {
  /**
   * Appends to the prompt. Returns at once; positions are prefilled in the background in order,
   * except the last one, which is left to the first step of the next generation.
   *
   * @throws ContextOverflowException when the context would not fit its row; nothing is appended
   *     then
   * @throws IllegalStateException while a generation runs
   */
  void append(PromptSegment segment);

  /** Positions in the log, generated ones included. */
  int length();

  /**
   * Starts a generation at the last position of the prompt. Steps of {@link
   * GenerationRequest#replay()} are decoded again with their ids forced and are not reported to the
   * listener.
   *
   * @throws IllegalStateException while another generation runs, with an empty context, or when the
   *     request speaks and the session was opened without speech or has unspoken generated
   *     positions in its log
   */
  void generate(GenerationRequest request, GenerationListener listener);

  /**
   * Stops the generation, if one runs. After it returns no further step is begun for this row and
   * the listener is not called; the row is free at the next tick. Generated positions stay in the
   * log until {@link #rewind}.
   */
  void cancel();

  /**
   * Cuts the log back, so that the history form of a turn can replace its generated positions.
   *
   * @param length positions to keep; not within generated positions
   * @throws IllegalStateException while a generation runs
   */
  void rewind(int length);

  /** Cancels and gives the row back. */
  @Override
  void close();
}
