package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.figures.CallFigures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a call stood at a point in media time: its figures up to there, and the utterances that had
 * ended there. It is told when all of them are written down, so that it depends on nothing else.
 *
 * @param figures of a call that ends here
 * @param participants by channel, without quarters and findings
 * @param categories names of those that fit by now, in the rule set's order
 * @param onHold whether the call is on hold here
 * @param transcript the utterances up to here
 * @param alerts why somebody should look at the call now, see {@link Alert}
 */
public record CallMoment(
    CallFigures figures,
    List<ParticipantSummary> participants,
    List<String> categories,
    boolean onHold,
    List<TranscriptSegment> transcript,
    List<Alert> alerts) {
  /** Why somebody should look at a call now. */
  public enum Alert {
    /** Nobody has talked for more than {@value #LONG_SILENCE_MILLIS} ms, without a hold. */
    SILENCE,
    /** The call has been on hold for more than {@value #LONG_HOLD_MILLIS} ms. */
    HOLD,
    /** The customer's last utterances are negative: their mean is {@value #NEGATIVE} or less. */
    SENTIMENT
  }

  private static final long LONG_SILENCE_MILLIS = 10_000;
  private static final long LONG_HOLD_MILLIS = 60_000;
  private static final double NEGATIVE = -1;

  /** So many utterances are the last ones. */
  private static final int LAST = 3;

  public CallMoment {
    participants = List.copyOf(participants);
    categories = List.copyOf(categories);
    transcript = List.copyOf(transcript);
    alerts = List.copyOf(alerts);
  }

  /** The last thing that was said; empty if nothing was. */
  public String lastText() {
    return transcript.isEmpty() ? "" : transcript.get(transcript.size() - 1).text();
  }

  /**
   * Mean sentiment of the customer's last three utterances less that of the three before, to one
   * decimal; null before there are six.
   */
  public static @Nullable Double trend(List<TranscriptSegment> transcript) {
    List<Double> scores = customer(transcript, 2 * LAST);
    return scores.size() < 2 * LAST
        ? null
        : Math.round(10 * (mean(scores.subList(LAST, 2 * LAST)) - mean(scores.subList(0, LAST))))
            / 10.0;
  }

  /**
   * @param holds of the call, as far as it is known
   */
  static List<Alert> alerts(
      CallFigures figures, List<Interval> holds, List<TranscriptSegment> transcript) {
    List<Alert> alerts = new ArrayList<>();
    long here = figures.durationMillis();
    Interval hold = holds.isEmpty() ? null : holds.get(holds.size() - 1);
    long held = hold != null && hold.endMillis() == here ? hold.lengthMillis() : 0;
    if (!figures.nonTalk().isEmpty() && held == 0) {
      Interval quiet = figures.nonTalk().get(figures.nonTalk().size() - 1);
      long since = Math.max(quiet.beginMillis(), hold == null ? 0 : hold.endMillis());
      if (quiet.endMillis() == here && here - since > LONG_SILENCE_MILLIS) {
        alerts.add(Alert.SILENCE);
      }
    }
    if (held > LONG_HOLD_MILLIS) {
      alerts.add(Alert.HOLD);
    }
    List<Double> scores = customer(transcript, LAST);
    if (scores.size() == LAST && mean(scores) <= NEGATIVE) {
      alerts.add(Alert.SENTIMENT);
    }
    return alerts;
  }

  /** The customer's last scores, the oldest first. */
  private static List<Double> customer(List<TranscriptSegment> transcript, int most) {
    List<Double> scores = new ArrayList<>();
    for (int i = transcript.size() - 1; i >= 0 && scores.size() < most; i--) {
      if (transcript.get(i).role().equals(Participant.CUSTOMER)) {
        scores.add(0, transcript.get(i).sentiment());
      }
    }
    return scores;
  }

  private static double mean(List<Double> scores) {
    return scores.stream().mapToDouble(each -> each).average().orElse(0);
  }
}
