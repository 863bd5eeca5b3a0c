package io.antiphon.analytics.speech;

import io.antiphon.analytics.Interval;

/**
 * A stretch of a channel that is recognised in one go.
 *
 * @param channel the channel
 * @param number counts the channel's utterances from 0
 * @param interval its media time
 * @param end why it ended
 */
public record Utterance(int channel, int number, Interval interval, End end) {
  /** Why an utterance ended. */
  public enum End {
    /** Silence followed. */
    SILENCE,
    /** It was long and was cut where it was least speech-like. */
    LENGTH,
    /** The call ended. */
    CALL_ENDED,
    /** It goes on: this is what was said of it so far. */
    OPEN
  }
}
