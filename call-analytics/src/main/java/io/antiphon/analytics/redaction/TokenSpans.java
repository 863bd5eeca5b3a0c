package io.antiphon.analytics.redaction;

/** Takes spans of tokens. */
@FunctionalInterface
interface TokenSpans {
  /** From the token {@code from} to before {@code to}. */
  void add(int from, int to);
}
