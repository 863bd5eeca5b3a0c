package io.antiphon.gateway;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for what programs outside of this process do, which tell nobody: it has to be looked at.
 */
final class Await {
  private static final long LOOK_EVERY_NANOS = 10_000_000;

  private Await() {}

  /**
   * Returns once a condition holds.
   *
   * @param otherwise what an error says when it does not within the patience
   */
  static void until(Callable<Boolean> condition, Duration patience, Callable<String> otherwise)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(otherwise.call());
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
