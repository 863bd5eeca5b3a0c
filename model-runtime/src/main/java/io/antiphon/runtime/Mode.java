package io.antiphon.runtime;

/** What a conversation answers with. */
public enum Mode {
  /** Speech and text. */
  SPEECH,
  /** Text only. */
  TEXT,
  /** The caller's words. */
  TRANSCRIBE
}
