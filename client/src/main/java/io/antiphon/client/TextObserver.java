package io.antiphon.client;

/** Sees the answer's text as it comes. */
@FunctionalInterface
public interface TextObserver {
  /** Sees nothing. */
  TextObserver NONE = piece -> {};

  void onText(String piece);
}
