package io.antiphon.runtime.manifest;

/** What a conversation answers with. */
public enum GenerationMode {
  /** Speech and text. */
  SPEECH,
  /** Text only. */
  TEXT,
  /** The caller's words. */
  TRANSCRIBE
}
