package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import java.time.Duration;

/**
 * Limits of a conversation. Ranges are those of the operators.
 *
 * @param idleTimeout a conversation from which nothing comes for so long is ended
 * @param maximumRecordSize larger records become dead letters
 * @param reorderWindow how many sequence numbers ahead a record may come and still be waited for
 * @param reorderWait how long a missing record is waited for
 * @param maximumTurn longest spoken turn
 * @param maximumWaitingTurns questions that may wait while an answer is made
 * @param minimumInterruption speech over an answer that is shorter is a backchannel
 * @param falseInterruption an answer that was stopped by shorter speech goes on; 0 for never
 * @param maximumPendingWork pieces of work under way at the host, per subtask and stage
 */
public record ConversationConfiguration(
    Duration idleTimeout,
    ByteSize maximumRecordSize,
    int reorderWindow,
    Duration reorderWait,
    Duration maximumTurn,
    int maximumWaitingTurns,
    Duration minimumInterruption,
    Duration falseInterruption,
    int maximumPendingWork)
    implements Section {

  /** A dead letter holds key and value, and a Kafka request holds a dead letter. */
  private static final long LARGEST_RECORD = 8L << 20;

  /**
   * What the operators are started with.
   *
   * @throws ConfigurationException with all problems of this section
   */
  public OperatorSettings operatorSettings(ModelHostProvider host) {
    return new OperatorSettings(
        host,
        maximumRecordSize.toInt(),
        reorderWindow,
        reorderWait,
        idleTimeout,
        maximumTurn,
        maximumWaitingTurns,
        minimumInterruption,
        falseInterruption,
        maximumPendingWork);
  }

  @Override
  public void check(Problems problems) {
    if (maximumRecordSize.bytes() < 1024 || maximumRecordSize.bytes() > LARGEST_RECORD) {
      problems.add("maximumRecordSize", maximumRecordSize, "1KiB to 8MiB");
    }
    try {
      new OperatorSettings(
          () -> {
            throw new IllegalStateException("settings that are only checked have no host");
          },
          1024,
          reorderWindow,
          reorderWait,
          idleTimeout,
          maximumTurn,
          maximumWaitingTurns,
          minimumInterruption,
          falseInterruption,
          maximumPendingWork);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
  }
}
