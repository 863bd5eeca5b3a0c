package io.antiphon.chaos.faults;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * One fault as it went. Times are {@link System#nanoTime()} if they do not say otherwise.
 *
 * @param at when the fault came
 * @param over when all were heard again
 * @param noticedMillis after the fault, by the job's own account; none where the job did not fail
 * @param midSentence conversations whose answer was being made and heard
 * @param duplicates records that came again
 */
public record FaultRound(
    int number,
    Fault fault,
    long at,
    long over,
    OptionalLong noticedMillis,
    int midSentence,
    long duplicates) {
  /** What left just before a fault may take so long to its caller. */
  public static final Duration UNDER_WAY = Duration.ofMillis(200);
}
