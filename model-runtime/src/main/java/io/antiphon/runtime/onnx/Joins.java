package io.antiphon.runtime.onnx;

import java.util.List;

/** Waiting for the ends of threads that make native calls. */
public final class Joins {
  private Joins() {}

  /**
   * Waits until the threads have ended, also when interrupted: what they work on must not go away
   * under them. An interruption is kept.
   */
  public static void await(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
