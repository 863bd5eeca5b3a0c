package io.antiphon.analytics.redaction;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import java.util.List;

/**
 * What may leave of an utterance.
 *
 * @param text with a mask such as "[CARD]" in place of each masked span
 * @param words the same as words with their times; a mask is one word
 * @param spans what was masked, counted in the original words
 * @param sound media time to be silenced, padding included, in order and without overlap
 */
public record RedactedText(
    String text, List<Word> words, List<MaskedSpan> spans, List<Interval> sound) {
  public RedactedText {
    words = List.copyOf(words);
    spans = List.copyOf(spans);
    sound = List.copyOf(sound);
  }
}
