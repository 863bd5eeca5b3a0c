package io.antiphon.analytics.rules;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import java.util.List;

/**
 * A final utterance as rules see it: after redaction.
 *
 * @param role of who says it
 * @param interval its media time
 * @param words with their times, where there are any
 * @param score sentiment, -5 to 5
 */
public record SpokenUtterance(String role, Interval interval, List<Word> words, double score) {
  public SpokenUtterance {
    words = List.copyOf(words);
  }

  /** Media time of some of the words; the utterance's where they have no times. */
  Interval time(int from, int to) {
    return words.get(from).timed() && words.get(to - 1).timed()
        ? new Interval(words.get(from).beginMillis(), words.get(to - 1).endMillis())
        : interval;
  }
}
