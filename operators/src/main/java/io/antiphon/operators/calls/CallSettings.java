package io.antiphon.operators.calls;

import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.speech.PartialText;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.ModelHost;
import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How calls are listened to.
 *
 * @param operators host, order of records and limits; {@code maximumPendingWork} is how many
 *     utterances of a subtask may be at the model before further sound waits, {@code idleTimeout}
 *     after what time without a record a call is over
 * @param transcriber what writes utterances down
 * @param summarizer what writes the text of summaries; null: the template does
 * @param metricsInterval media time between two records of a call's {@code call-metrics}, whole
 *     seconds; zero: only the last one
 * @param partialInterval media time after which an utterance that goes on is written down anew;
 *     zero: only when it is over
 * @param originals whether what was said leaves unredacted too, by a way of its own
 * @param completedTurns the topic that tells what an agent of this house answers; empty: none does.
 *     With it a conversation of one channel that asks for spoken answers is a call of two
 * @param textsAlone nothing but texts is wanted of a call: state does not grow with what is said
 */
public record CallSettings(
    OperatorSettings operators,
    TranscriberFactory transcriber,
    @Nullable SummarizerFactory summarizer,
    Duration metricsInterval,
    Duration partialInterval,
    boolean originals,
    String completedTurns,
    boolean textsAlone)
    implements Serializable {
  /** Makes the transcriber of a TaskManager's host. */
  @FunctionalInterface
  public interface TranscriberFactory extends Serializable {
    Transcriber of(ModelHost host);
  }

  /** Makes the summarizer of a TaskManager's host. */
  @FunctionalInterface
  public interface SummarizerFactory extends Serializable {
    /**
     * @throws io.antiphon.configuration.ConfigurationException when the host cannot be used for it
     */
    Summarizer of(ModelHost host);
  }

  /** With the bundle's own transcription, and nothing beyond segments, events and summaries. */
  public static CallSettings of(OperatorSettings operators) {
    return new CallSettings(
        operators, ModelTranscriber::new, null, Duration.ZERO, Duration.ZERO, false, "", false);
  }

  /** The same with what leaves while a call lasts. */
  public CallSettings live(Duration metrics, Duration partials, boolean withOriginals) {
    return new CallSettings(
        operators,
        transcriber,
        summarizer,
        metrics,
        partials,
        withOriginals,
        completedTurns,
        textsAlone);
  }

  /** The same with calls that an agent of this house answers. */
  public CallSettings answeredIn(String topic) {
    return with(summarizer, topic, textsAlone);
  }

  /** The same for calls of which nothing but the texts is wanted. */
  public CallSettings withTextsAlone() {
    return with(summarizer, completedTurns, true);
  }

  /** The same with summaries that the model writes. */
  public CallSettings summarizedBy(SummarizerFactory factory) {
    return with(factory, completedTurns, textsAlone);
  }

  private CallSettings with(@Nullable SummarizerFactory factory, String topic, boolean alone) {
    return new CallSettings(
        operators, transcriber, factory, metricsInterval, partialInterval, originals, topic, alone);
  }

  /**
   * Whether words of an utterance that goes on are timed: it is work, and where the second text
   * comes as soon it tells no more.
   */
  boolean timedPartials() {
    return partialInterval.toMillis() > PartialText.SETTLED_MILLIS;
  }

  boolean answered() {
    return !completedTurns.isEmpty();
  }

  AnalysisSettings analysis() {
    AnalysisSettings live =
        AnalysisSettings.DEFAULT.live(metricsInterval.toMillis(), partialInterval.toMillis());
    return textsAlone ? live.withTextsAlone() : live;
  }
}
