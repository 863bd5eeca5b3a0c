package io.antiphon.analytics;

/**
 * A recognised word.
 *
 * @param text as the recogniser wrote it, punctuation at its end included
 * @param beginMillis media time of its begin; -1 where the recogniser gives no times
 * @param endMillis media time of its end; -1 where the recogniser gives no times
 */
public record Word(String text, long beginMillis, long endMillis) {
  public Word {
    if (text.isEmpty() || text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("word \"" + text + "\" is empty or holds a space");
    }
    if (beginMillis < 0 != endMillis < 0 || endMillis < beginMillis) {
      throw new IllegalArgumentException(
          "word \"" + text + "\" is from " + beginMillis + " to " + endMillis + " ms");
    }
  }

  public boolean timed() {
    return beginMillis >= 0;
  }
}
