package io.antiphon.operators.speech;

import io.antiphon.schemas.StageLatencies;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** When the last answers reached their stages, in milliseconds since the end of the question. */
final class StageLatencyMetrics {
  private static final int WINDOW = 1024;

  private final Histogram encoded;
  private final Histogram prefilled;
  private final Histogram firstText;
  private final Histogram firstSpeechTokens;
  private final Histogram firstAudio;
  private final Histogram completed;

  StageLatencyMetrics(MetricGroup metrics) {
    encoded = histogram(metrics, "encodedMillis");
    prefilled = histogram(metrics, "prefilledMillis");
    firstText = histogram(metrics, "firstTextMillis");
    firstSpeechTokens = histogram(metrics, "firstSpeechTokensMillis");
    firstAudio = histogram(metrics, "firstAudioMillis");
    completed = histogram(metrics, "completedMillis");
  }

  private static Histogram histogram(MetricGroup metrics, String name) {
    return metrics.histogram(name, new DescriptiveStatisticsHistogram(WINDOW));
  }

  /** Adds an answer; stages that it did not reach are left out. */
  void add(StageLatencies latencies) {
    add(encoded, latencies.getEncoded());
    add(prefilled, latencies.getPrefilled());
    add(firstText, latencies.getFirstText());
    add(firstSpeechTokens, latencies.getFirstSpeechTokens());
    add(firstAudio, latencies.getFirstAudio());
    add(completed, latencies.getCompleted());
  }

  private static void add(Histogram histogram, double millis) {
    if (millis >= 0) {
      histogram.update(Math.round(millis));
    }
  }
}
