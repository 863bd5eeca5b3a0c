package io.antiphon.chaos.cluster;

import io.antiphon.chaos.ChaosException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Bounded waiting for what tells nobody when it happens: processes, REST. */
public final class Polling {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Polling() {}

  /**
   * @param what for the message
   * @throws ChaosException if the condition does not hold in time
   */
  public static void until(String what, Duration patience, BooleanSupplier condition) {
    if (!holds(patience, condition)) {
      throw new ChaosException(what + " did not happen within " + patience.toSeconds() + " s");
    }
  }

  /** Whether the condition came to hold in time. It is asked on the caller's thread. */
  public static boolean holds(Duration patience, BooleanSupplier condition) {
    try {
      Awaitility.await()
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(PAUSE)
          .atMost(patience)
          .until(condition::getAsBoolean);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  public static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("the run was interrupted", e);
    }
  }
}
