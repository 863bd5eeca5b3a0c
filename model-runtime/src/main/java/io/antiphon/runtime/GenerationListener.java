package io.antiphon.runtime;

/**
 * Receives a generation's results in order, on a host thread; implementations only hand over. One
 * that throws an exception loses its generation and is told so by {@link #onFailed}; one that
 * throws an error takes the host with it.
 */
public interface GenerationListener {
  /**
   * First call, once: the prompt is in the cache and the first step begins, with its last position
   * as input. Does nothing unless overridden.
   */
  default void onPrefilled() {}

  void onStep(GenerationStep step);

  /** Last call of a generation that ended by itself. */
  void onFinished(GenerationEnd end);

  /**
   * Last call of a generation that broke: the host was closed, a thread of it died, or this
   * listener threw an exception.
   */
  void onFailed(Throwable error);
}
