package io.antiphon.analytics.records;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.SummaryText;
import io.antiphon.analytics.calls.TextSource;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleEvaluator;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.SpokenUtterance;
import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.MatchedCategory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges a call that is over by other rules: what stands in {@code call-segments} and {@code
 * call-summaries} is enough, no sound and no model. The summary is the one that the call would have
 * had with these rules, unless something of it or of its segments was cut to keep within a bound.
 */
public final class RuleReplay {
  private static final Comparator<CallSegment> ORDER =
      Comparator.comparingLong(CallSegment::getEndMillis)
          .thenComparingInt(CallSegment::getChannel)
          .thenComparingInt(RuleReplay::number);

  private RuleReplay() {}

  /**
   * @param summary of the call, with whatever rules
   * @param segments of the call, in any order; of several revisions the highest counts
   */
  public static CallSummary of(
      CallSummary summary, Collection<CallSegment> segments, RuleSet rules) {
    Map<Integer, Participant> participants = new HashMap<>();
    for (io.antiphon.schemas.Participant each : summary.getParticipants()) {
      // Rules go by the channel's first one.
      participants.putIfAbsent(
          each.getChannel(),
          new Participant(each.getParticipantId(), each.getRole(), each.getChannel()));
    }
    RuleEvaluator evaluator = new RuleEvaluator(rules, List.copyOf(participants.values()));
    Map<String, CallSegment> newest = new HashMap<>();
    for (CallSegment each : segments) {
      if (!each.getLast()) {
        continue; // a partial text: nothing was judged by it
      }
      newest.merge(each.getSegmentId(), each, (a, b) -> a.getRevision() < b.getRevision() ? b : a);
    }
    newest.values().stream()
        .sorted(ORDER)
        .forEach(each -> evaluator.utterance(spoken(each, participants)));
    evaluator.figures(figures(summary));
    evaluator.end(summary.getFigures().getDurationMillis());
    List<CategoryMatch> matches = evaluator.matches();
    List<MatchedCategory> categories = new ArrayList<>();
    for (CategoryMatch match : matches) {
      categories.add(
          new MatchedCategory(
              match.name(),
              match.points().stream()
                  .map(each -> new CallInterval(each.beginMillis(), each.endMillis(), -1, ""))
                  .toList()));
    }
    return CallSummary.newBuilder(summary)
        .setCategories(categories)
        .setRuleVersion(rules.version())
        .setSummary(text(summary, matches))
        .build();
  }

  /** What a model wrote is of the transcript alone, whatever the rules. */
  private static String text(CallSummary summary, List<CategoryMatch> matches) {
    return summary.getSummarySource().equals(TextSource.MODEL.name())
        ? summary.getSummary()
        : SummaryText.withCategories(
            summary.getSummary(),
            summary.getCategories().stream().map(MatchedCategory::getName).toList(),
            matches.stream().map(CategoryMatch::name).toList());
  }

  private static int number(CallSegment segment) {
    return Integer.parseInt(segment.getSegmentId().replaceFirst(".*-", ""));
  }

  private static SpokenUtterance spoken(
      CallSegment segment, Map<Integer, Participant> participants) {
    Participant speaker = participants.get(segment.getChannel());
    return new SpokenUtterance(
        speaker == null ? segment.getRole() : speaker.role(),
        new Interval(segment.getBeginMillis(), segment.getEndMillis()),
        words(segment),
        segment.getSentiment() == null ? 0 : segment.getSentiment());
  }

  /** With times where all words have some. */
  private static List<Word> words(CallSegment segment) {
    String text = segment.getText().strip();
    List<String> plain = text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
    List<Word> words = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      boolean timed = segment.getWords().size() == plain.size();
      words.add(
          new Word(
              plain.get(i),
              timed ? segment.getWords().get(i).getBeginMillis() : -1,
              timed ? segment.getWords().get(i).getEndMillis() : -1));
    }
    return words;
  }

  /** What rules look at. */
  private static CallFigures figures(CallSummary summary) {
    return new CallFigures(
        summary.getFigures().getDurationMillis(),
        List.of(),
        summary.getFigures().getTalkMillis(),
        summary.getFigures().getOvertalkMillis(),
        summary.getNonTalk().stream().map(RuleReplay::interval).toList(),
        summary.getFigures().getHoldMillis(),
        0,
        summary.getInterruptions().stream()
            .map(each -> new Interruption(each.getChannel(), interval(each)))
            .toList());
  }

  private static Interval interval(CallInterval each) {
    return new Interval(each.getBeginMillis(), each.getEndMillis());
  }
}
