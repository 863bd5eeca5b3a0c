package io.antiphon.analytics.sentiment;

import java.util.List;

/**
 * The sentiment of a text.
 *
 * @param negative share of the text that is negative, 0 to 1, to three decimals
 * @param neutral share that is neutral
 * @param positive share that is positive
 * @param compound all in all, -1 to 1, to four decimals
 * @param words the words that made it
 */
public record Sentiment(
    double negative, double neutral, double positive, double compound, List<Evidence> words) {
  /**
   * A word that counted.
   *
   * @param word the word's number in the text, from 0
   * @param text the word
   * @param valence what it counted, modifiers included; positive or negative
   */
  public record Evidence(int word, String text, double valence) {}

  public Sentiment {
    words = List.copyOf(words);
  }

  /** From -5 to 5, to one decimal. */
  public double score() {
    return Math.round(compound * 50) / 10.0;
  }
}
