package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import java.time.Duration;

/**
 * How calls are listened to. Ranges are those of {@link OperatorSettings}.
 *
 * @param idleTimeout a call from which nothing comes for so long is over
 * @param reorderWindow how many sequence numbers ahead a record may come and still be waited for
 * @param maximumPendingWork utterances of a subtask at the model, beyond which no further input is
 *     taken
 */
public record CallConfiguration(
    Duration idleTimeout,
    ByteSize maximumRecordSize,
    int reorderWindow,
    Duration reorderWait,
    int maximumPendingWork)
    implements Section {
  private static final long LARGEST_RECORD = 8L << 20;

  /**
   * What the operator is started with.
   *
   * @throws ConfigurationException with all problems of this section
   */
  public OperatorSettings operatorSettings(ModelHostProvider host) {
    return settings(host, maximumRecordSize.toInt());
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
