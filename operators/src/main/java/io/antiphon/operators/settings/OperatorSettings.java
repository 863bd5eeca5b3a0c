package io.antiphon.operators.settings;

import io.antiphon.configuration.ConfigurationException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the dataflow behaves.
 *
 * @param host where the models run
 * @param maximumRecordBytes larger values of {@code audio-chunks} become dead letters
 * @param reorderWindow how many sequence numbers ahead a record may come and still be waited for
 * @param reorderWait how long a missing record is waited for when nothing else comes
 * @param idleTimeout a conversation from which nothing comes for so long is ended
 * @param maximumTurn longest spoken turn
 * @param maximumWaitingTurns questions that may wait while an answer is made
 * @param minimumInterruption where speech stops answers, it does so once it has lasted so long;
 *     shorter speech over an answer is a backchannel: nothing is told of it and it is no turn
 * @param falseInterruption speech that stopped an answer and has lasted less is no turn, and the
 *     answer goes on from where it was heard; zero for never
 * @param maximumPendingWork pieces of work of one subtask and stage under way at the host, beyond
 *     which no further input is taken
 */
public record OperatorSettings(
    ModelHostProvider host,
    int maximumRecordBytes,
    int reorderWindow,
    Duration reorderWait,
    Duration idleTimeout,
    Duration maximumTurn,
    int maximumWaitingTurns,
    Duration minimumInterruption,
    Duration falseInterruption,
    int maximumPendingWork)
    implements Serializable {

  public OperatorSettings {
    List<String> problems = new ArrayList<>();
    between(problems, "maximumRecordBytes", maximumRecordBytes, 1 << 10, 1 << 28);
    between(problems, "reorderWindow", reorderWindow, 1, 1024);
    between(problems, "reorderWait", reorderWait, Duration.ofMillis(10), Duration.ofMinutes(1));
    between(problems, "idleTimeout", idleTimeout, Duration.ofSeconds(1), Duration.ofDays(1));
    between(problems, "maximumTurn", maximumTurn, Duration.ofSeconds(1), Duration.ofHours(1));
    between(problems, "maximumWaitingTurns", maximumWaitingTurns, 1, 1024);
    between(
        problems, "minimumInterruption", minimumInterruption, Duration.ZERO, Duration.ofSeconds(5));
    between(problems, "falseInterruption", falseInterruption, Duration.ZERO, Duration.ofSeconds(5));
    between(problems, "maximumPendingWork", maximumPendingWork, 1, 1 << 20);
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Operator settings", problems);
    }
  }

  /** 1 MiB, 64 records, 500 ms, 5 minutes, 5 minutes, 8 turns, 0 and 250 ms, 1024 pieces. */
  public static OperatorSettings defaults(ModelHostProvider host) {
    return new OperatorSettings(
        host,
        1 << 20,
        64,
        Duration.ofMillis(500),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        8,
        Duration.ZERO,
        Duration.ofMillis(250),
        1024);
  }

  private static void between(List<String> problems, String name, int value, int low, int high) {
    if (value < low || value > high) {
      problems.add(name + " is " + value + ", expected " + low + " to " + high);
    }
  }

  private static void between(
      List<String> problems, String name, Duration value, Duration low, Duration high) {
    if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
      problems.add(name + " is " + value + ", expected " + low + " to " + high);
    }
  }
}
