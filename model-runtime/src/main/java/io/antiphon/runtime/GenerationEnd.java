package io.antiphon.runtime;

/** Why a generation ended by itself. */
public enum GenerationEnd {
  /** The text reached an end-of-turn id. */
  STOP,
  /** The request's maximum or the row's end was reached. */
  LENGTH
}
