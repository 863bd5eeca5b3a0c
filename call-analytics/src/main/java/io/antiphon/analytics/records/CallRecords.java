package io.antiphon.analytics.records;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.calls.CallMoment;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.ParticipantSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.redaction.MaskedSpan;
import io.antiphon.analytics.redaction.Redactor;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.sentiment.Sentiment;
import io.antiphon.analytics.sentiment.SentimentTrack;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.InputQuality;
import io.antiphon.schemas.Insight;
import io.antiphon.schemas.MatchedCategory;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.ParticipantMetrics;
import io.antiphon.schemas.Redaction;
import io.antiphon.schemas.SentimentQuarter;
import io.antiphon.schemas.Word;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes transcripts, running figures and summaries as records of {@code call-segments}, {@code
 * call-metrics} and {@code call-summaries}.
 */
public final class CallRecords {
  private static final int NOBODY = -1;

  private CallRecords() {}

  /**
   * A final utterance.
   *
   * @param revision counts what was told of the utterance from 0
   * @param fallback epoch milliseconds of media time 0 where the call's begin is not known
   */
  public static CallSegment segment(
      CallStart start, TranscriptSegment segment, int revision, long fallback) {
    return CallSegment.newBuilder()
        .setConversationId(start.callId())
        .setSegmentId(segment.channel() + "-" + segment.number())
        .setRevision(revision)
        .setLast(true)
        .setTime(
            Instant.ofEpochMilli(
                begin(start.startedAt(), fallback) + segment.interval().beginMillis()))
        .setBeginMillis(segment.interval().beginMillis())
        .setEndMillis(segment.interval().endMillis())
        .setChannel(segment.channel())
        .setParticipantId(start.participants().get(segment.channel()).participantId())
        .setRole(segment.role())
        .setText(segment.text())
        .setWords(words(segment))
        .setSentiment(segment.sentiment())
        .setSentimentEvidence(segment.evidence().stream().map(Sentiment.Evidence::text).toList())
        .setLoudness(segment.loudness().stream().map(each -> each == null ? 0 : each).toList())
        .setRedactions(redactions(segment))
        .build();
  }

  /**
   * The begin of an utterance that goes on.
   *
   * @param soFar up to where it was heard
   * @param revision counts what was told of the utterance from 0
   * @param text redacted
   * @param fallback epoch milliseconds of media time 0 where the call's begin is not known
   */
  public static CallSegment partial(
      CallStart start, Utterance soFar, int revision, String text, long fallback) {
    io.antiphon.analytics.Participant speaker = start.participants().get(soFar.channel());
    return CallSegment.newBuilder()
        .setConversationId(start.callId())
        .setSegmentId(soFar.channel() + "-" + soFar.number())
        .setRevision(revision)
        .setTime(
            Instant.ofEpochMilli(
                begin(start.startedAt(), fallback) + soFar.interval().beginMillis()))
        .setBeginMillis(soFar.interval().beginMillis())
        .setEndMillis(soFar.interval().endMillis())
        .setChannel(soFar.channel())
        .setParticipantId(speaker.participantId())
        .setRole(speaker.role())
        .setText(text)
        .build();
  }

  /**
   * Where a running call stands.
   *
   * @param revision counts the call's records from 0
   * @param fallback epoch milliseconds of media time 0 where the call's begin is not known
   */
  public static CallMetrics metrics(
      CallStart start, CallMoment moment, long revision, long fallback) {
    return CallMetrics.newBuilder()
        .setConversationId(start.callId())
        .setRevision(revision)
        .setTime(
            Instant.ofEpochMilli(
                begin(start.startedAt(), fallback) + moment.figures().durationMillis()))
        .setStartedAt(start.startedAt() < 0 ? null : Instant.ofEpochMilli(start.startedAt()))
        .setFigures(figures(moment.figures(), moment.participants(), moment.transcript()))
        .setCategories(moment.categories())
        .setOnHold(moment.onHold())
        .setLastText(moment.lastText())
        .setSentimentTrend(CallMoment.trend(moment.transcript()))
        .setAlerts(moment.alerts().stream().map(Enum::name).toList())
        .setAttributes(new TreeMap<>(start.attributes()))
        .build();
  }

  /**
   * The last record of {@code call-metrics}: the figures of the summary.
   *
   * @param summary of the call, as it is written
   * @param transcript of the call
   * @param revision counts the call's records from 0
   */
  public static CallMetrics lastMetrics(
      io.antiphon.schemas.CallSummary summary, List<TranscriptSegment> transcript, long revision) {
    return CallMetrics.newBuilder()
        .setConversationId(summary.getConversationId())
        .setTenant(summary.getTenant())
        .setRevision(revision)
        .setTime(summary.getTime())
        .setStartedAt(summary.getStartedAt())
        .setFigures(summary.getFigures())
        .setCategories(summary.getCategories().stream().map(MatchedCategory::getName).toList())
        .setLastText(transcript.isEmpty() ? "" : transcript.get(transcript.size() - 1).text())
        .setSentimentTrend(CallMoment.trend(transcript))
        .setAttributes(summary.getAttributes())
        .setEnded(true)
        .build();
  }

  /**
   * A whole call.
   *
   * @param fallback epoch milliseconds of media time 0 where the call's begin is not known
   * @param model which model heard the call
   */
  public static io.antiphon.schemas.CallSummary summary(
      CallSummary summary, long fallback, ModelIdentity model) {
    CallFigures figures = summary.figures();
    List<Participant> participants = new ArrayList<>();
    List<SentimentQuarter> quarters = new ArrayList<>();
    for (ParticipantSummary participant : summary.participants()) {
      int channel = participant.figures().channel();
      participants.add(
          Participant.newBuilder()
              .setParticipantId(participant.participantId())
              .setRole(participant.role())
              .setChannel(channel)
              .build());
      for (int i = 0; i < participant.sentimentByQuarter().size(); i++) {
        SentimentTrack.Quarter quarter = participant.sentimentByQuarter().get(i);
        quarters.add(
            SentimentQuarter.newBuilder()
                .setChannel(channel)
                .setRole(participant.role())
                .setQuarter(i)
                .setBeginMillis(quarter.beginMillis())
                .setEndMillis(quarter.endMillis())
                .setScore(quarter.score())
                .build());
      }
    }
    List<Insight> insights = new ArrayList<>();
    if (!summary.issue().isEmpty()) {
      insights.add(insight("ISSUE", summary.issue()));
    }
    summary.actions().forEach(action -> insights.add(insight("OUTCOME", action)));
    return io.antiphon.schemas.CallSummary.newBuilder()
        .setConversationId(summary.callId())
        .setTime(
            Instant.ofEpochMilli(begin(summary.startedAt(), fallback) + figures.durationMillis()))
        .setStartedAt(summary.startedAt() < 0 ? null : Instant.ofEpochMilli(summary.startedAt()))
        .setEndReason(summary.endReason())
        .setAttributes(new TreeMap<>(summary.attributes()))
        .setParticipants(participants)
        .setFigures(figures(figures, summary.participants(), summary.transcript()))
        .setInterruptions(
            figures.interruptions().stream()
                .map(each -> interval(each.overlap(), each.byChannel(), summary))
                .toList())
        .setNonTalk(
            figures.nonTalk().stream().map(each -> interval(each, NOBODY, summary)).toList())
        .setSentimentByQuarter(quarters)
        .setCategories(summary.categories().stream().map(each -> category(each, summary)).toList())
        .setInsights(insights)
        .setSummary(summary.text())
        .setSummarySource(summary.textSource().name())
        .setSummaryOmittedSegments(summary.omittedSegments())
        .setRedactions(
            summary.transcript().stream().mapToInt(each -> each.redactions().size()).sum())
        .setQuality(
            InputQuality.newBuilder()
                .setLostMillis(summary.lostMillis())
                .setLateChunks(summary.lateChunks())
                .setSegmentsWithoutWords(summary.failedUtterances())
                .build())
        .setRuleVersion(summary.rules())
        .setModel(model)
        .build();
  }

  private static io.antiphon.schemas.CallFigures figures(
      CallFigures figures,
      List<ParticipantSummary> participants,
      List<TranscriptSegment> transcript) {
    List<ParticipantMetrics> metrics = new ArrayList<>();
    double sum = 0;
    int judged = 0;
    for (ParticipantSummary participant : participants) {
      int channel = participant.figures().channel();
      Double sentiment = participant.sentiment();
      sum += sentiment == null ? 0 : sentiment;
      judged += sentiment == null ? 0 : 1;
      metrics.add(
          ParticipantMetrics.newBuilder()
              .setParticipantId(participant.participantId())
              .setRole(participant.role())
              .setChannel(channel)
              .setTalkMillis(participant.figures().talkMillis())
              .setSegments(participant.figures().segments())
              .setWords(participant.figures().words())
              .setWordsPerMinute(
                  participant.figures().talkMillis() == 0 ? null : participant.wordsPerMinute())
              .setInterruptions(participant.figures().interruptions())
              .setInterruptionMillis(
                  figures.interruptions().stream()
                      .filter(each -> each.byChannel() == channel)
                      .mapToLong(each -> each.overlap().lengthMillis())
                      .sum())
              .setLoudness(loudness(transcript, channel))
              .setSentiment(sentiment)
              .build());
    }
    return io.antiphon.schemas.CallFigures.newBuilder()
        .setDurationMillis(figures.durationMillis())
        .setParticipants(metrics)
        .setTalkMillis(figures.talkMillis())
        .setOvertalkMillis(figures.overtalkMillis())
        .setNonTalkMillis(figures.nonTalkMillis())
        .setNonTalkInstances(figures.nonTalk().size())
        .setLongestNonTalkMillis(figures.longestNonTalkMillis())
        .setHoldMillis(figures.holdMillis())
        .setInterruptions(figures.interruptions().size())
        .setInterruptionMillis(figures.interruptionMillis())
        .setSentiment(judged == 0 ? null : Math.round(10 * sum / judged) / 10.0)
        .build();
  }

  private static @Nullable Double loudness(List<TranscriptSegment> transcript, int channel) {
    List<Integer> scores = new ArrayList<>();
    for (TranscriptSegment segment : transcript) {
      if (segment.channel() == channel) {
        segment.loudness().stream().filter(each -> each != null).forEach(scores::add);
      }
    }
    return scores.isEmpty()
        ? null
        : Math.round(10 * scores.stream().mapToInt(each -> each).average().orElse(0)) / 10.0;
  }

  private static MatchedCategory category(CategoryMatch match, CallSummary summary) {
    return MatchedCategory.newBuilder()
        .setName(match.name())
        .setPointsOfInterest(
            match.points().stream().map(each -> interval(each, NOBODY, summary)).toList())
        .build();
  }

  private static CallInterval interval(Interval interval, int channel, CallSummary summary) {
    return CallInterval.newBuilder()
        .setBeginMillis(interval.beginMillis())
        .setEndMillis(interval.endMillis())
        .setChannel(channel)
        .setRole(channel == NOBODY ? "" : summary.participants().get(channel).role())
        .build();
  }

  private static Insight insight(String kind, String text) {
    return Insight.newBuilder()
        .setKind(kind)
        .setText(text)
        .setEndCharacter(text.codePointCount(0, text.length()))
        .build();
  }

  private static List<Word> words(TranscriptSegment segment) {
    List<Word> words = new ArrayList<>();
    for (io.antiphon.analytics.Word word : segment.words()) {
      if (word.timed()) {
        words.add(
            Word.newBuilder()
                .setText(word.text())
                .setBeginMillis(word.beginMillis())
                .setEndMillis(word.endMillis())
                .build());
      }
    }
    return words;
  }

  /** The masks stand in the text in the order of the spans. */
  private static List<Redaction> redactions(TranscriptSegment segment) {
    List<Redaction> redactions = new ArrayList<>();
    int character = 0;
    for (io.antiphon.analytics.Word word : segment.words()) {
      int end = character + word.text().codePointCount(0, word.text().length());
      int next = redactions.size();
      MaskedSpan span = next < segment.redactions().size() ? segment.redactions().get(next) : null;
      if (span != null && word.text().equals(span.kind().mask())) {
        long begin = word.timed() ? word.beginMillis() : segment.interval().beginMillis();
        long until = word.timed() ? word.endMillis() : segment.interval().endMillis();
        redactions.add(
            Redaction.newBuilder()
                .setKind(span.kind().name())
                .setBeginCharacter(character)
                .setEndCharacter(end)
                .setBeginMillis(Math.max(0, begin - Redactor.PADDING_MILLIS))
                .setEndMillis(until + Redactor.PADDING_MILLIS)
                .build());
      }
      character = end + 1;
    }
    return redactions;
  }

  private static long begin(long startedAt, long fallback) {
    return startedAt < 0 ? fallback : startedAt;
  }
}
