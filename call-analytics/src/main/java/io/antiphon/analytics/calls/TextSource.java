package io.antiphon.analytics.calls;

/** What writes the text of a summary. */
public enum TextSource {
  /** The figures, in sentences that are always the same. */
  TEMPLATE,
  /** A model that read the transcript; what it quotes was said. */
  MODEL
}
