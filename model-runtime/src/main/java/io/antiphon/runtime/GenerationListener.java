package io.antiphon.runtime;

/** Receives a generation's results in order, on a host thread; implementations only hand over. */
public interface GenerationListener {
  void onStep(GenerationStep step);

  /** Last call of a generation that ended by itself. */
  void onFinished(GenerationEnd end);

  /** Last call of a generation that broke: the host was closed or a thread of it died. */
  void onFailed(Throwable error);
}
