package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.redaction.MaskedSpan;
import io.antiphon.analytics.sentiment.Sentiment.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A final utterance as it may leave.
 *
 * @param channel on which it was said
 * @param role of who said it
 * @param number counts the channel's utterances from 0; with the channel it names the utterance
 * @param interval its media time
 * @param text redacted
 * @param words redacted, with times where the recogniser gives them
 * @param sentiment -5 to 5
 * @param evidence the words that made the sentiment; none of them is masked
 * @param loudness 0 to 100 by second, null for a second without speech
 * @param redactions what was masked
 * @param silenced media time to be silenced in the sound
 */
public record TranscriptSegment(
    int channel,
    String role,
    int number,
    Interval interval,
    String text,
    List<Word> words,
    double sentiment,
    List<Evidence> evidence,
    List<@Nullable Integer> loudness,
    List<MaskedSpan> redactions,
    List<Interval> silenced) {
  public TranscriptSegment {
    words = List.copyOf(words);
    evidence = List.copyOf(evidence);
    redactions = List.copyOf(redactions);
    silenced = List.copyOf(silenced);
  }
}
