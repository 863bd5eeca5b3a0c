package io.antiphon.jobs.configuration;

import io.antiphon.analytics.calls.TextSource;
import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.operators.calls.CallSettings;
import io.antiphon.operators.calls.ModelSummarizer;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import java.time.Duration;

/**
 * How calls are listened to, and what writes their summaries. Ranges are those of {@link
 * OperatorSettings}.
 *
 * @param idleTimeout a call from which nothing comes for so long is over
 * @param reorderWindow how many sequence numbers ahead a record may come and still be waited for
 * @param maximumPendingWork utterances of a subtask at the model, beyond which no further input is
 *     taken
 * @param metricsInterval media time between two records of a call's metrics, whole seconds to 10
 *     minutes; zero: only the last one
 * @param partialInterval media time after which an utterance that goes on is written down anew, 0.5
 *     s to 20 s; zero: only when it is over
 * @param summary what writes the text of a call's summary
 */
public record CallConfiguration(
    Duration idleTimeout,
    ByteSize maximumRecordSize,
    int reorderWindow,
    Duration reorderWait,
    int maximumPendingWork,
    Duration metricsInterval,
    Duration partialInterval,
    TextSource summary)
    implements Section {
  private static final long LARGEST_RECORD = 8L << 20;
  private static final Duration LONGEST_METRICS = Duration.ofMinutes(10);
  private static final Duration SHORTEST_PARTIAL = Duration.ofMillis(500);
  private static final Duration LONGEST_PARTIAL = Duration.ofSeconds(20);

  /**
   * What the operator is started with.
   *
   * @param originals whether what was said leaves unredacted too
   * @throws ConfigurationException with all problems of this section
   */
  public CallSettings callSettings(ModelHostProvider host, boolean originals) {
    CallSettings listening =
        CallSettings.of(settings(host, maximumRecordSize.toInt()))
            .live(metricsInterval, partialInterval, originals);
    return summary == TextSource.MODEL ? listening.summarizedBy(ModelSummarizer::new) : listening;
  }

  private OperatorSettings settings(ModelHostProvider host, int maximumRecordBytes) {
    OperatorSettings unused = OperatorSettings.defaults(host);
    return new OperatorSettings(
        host,
        maximumRecordBytes,
        reorderWindow,
        reorderWait,
        idleTimeout,
        unused.maximumTurn(),
        unused.maximumWaitingTurns(),
        unused.minimumInterruption(),
        unused.falseInterruption(),
        maximumPendingWork);
  }

  @Override
  public void check(Problems problems) {
    if (maximumRecordSize.bytes() < 1024 || maximumRecordSize.bytes() > LARGEST_RECORD) {
      problems.add("maximumRecordSize", maximumRecordSize, "1KiB to 8MiB");
    }
    if (metricsInterval.isNegative()
        || metricsInterval.toMillis() % 1000 != 0
        || metricsInterval.compareTo(LONGEST_METRICS) > 0) {
      problems.add("metricsInterval", metricsInterval, "0s, or whole seconds to 10m");
    }
    if (!partialInterval.isZero()
        && (partialInterval.compareTo(SHORTEST_PARTIAL) < 0
            || partialInterval.compareTo(LONGEST_PARTIAL) > 0)) {
      problems.add("partialInterval", partialInterval, "0s, or 500ms to 20s");
    }
    try {
      settings(
          () -> {
            throw new IllegalStateException("settings that are only checked have no host");
          },
          1024);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
  }
}
