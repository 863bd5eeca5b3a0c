package io.antiphon.runtime;

/**
 * Who speaks an answer. Immutable.
 *
 * @param name one of {@link ModelHost#voices()}; empty for the bundle's first or only one
 * @param seed whatever is drawn at random in the sound depends on it alone: the same voice with the
 *     same seed speaks the same ids bit for bit alike
 */
public record Voice(String name, long seed) {
  /** The bundle's own voice. */
  public static final Voice DEFAULT = new Voice("", 0);
}
