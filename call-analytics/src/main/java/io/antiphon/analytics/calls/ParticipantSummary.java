package io.antiphon.analytics.calls;

import io.antiphon.analytics.figures.ChannelFigures;
import io.antiphon.analytics.sentiment.SentimentTrack.Quarter;
import io.antiphon.analytics.speech.ChannelCheck.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A participant over the whole call.
 *
 * @param participantId its name
 * @param role its role
 * @param figures of its channel
 * @param wordsPerMinute of talk time
 * @param sentiment mean, -5 to 5; null without utterances
 * @param sentimentByQuarter see SentimentTrack
 * @param findings what is wrong with the channel
 */
public record ParticipantSummary(
    String participantId,
    String role,
    ChannelFigures figures,
    double wordsPerMinute,
    @Nullable Double sentiment,
    List<Quarter> sentimentByQuarter,
    List<Finding> findings) {
  public ParticipantSummary {
    sentimentByQuarter = List.copyOf(sentimentByQuarter);
    findings = List.copyOf(findings);
  }
}
