package io.antiphon.runtime.llm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A thread for work that may be done at the same time as the caller's own, one piece at a time: the
 * caller always waits for it. One calling thread.
 */
final class PairedExecutor implements AutoCloseable {
  private final ExecutorService executor;

  PairedExecutor(String name) {
    executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Does both and returns when both are done, whatever becomes of either.
   *
   * @throws RuntimeException or {@link Error}, what {@code own} or else {@code other} threw
   */
  void run(Runnable other, Runnable own) {
    Future<?> done = executor.submit(other);
    Throwable failed = null;
    try {
      own.run();
    } catch (RuntimeException | Error e) {
      failed = e;
    }
    boolean interrupted = false;
    while (true) {
      try {
        done.get();
        break;
      } catch (InterruptedException e) {
        // What it works on must not be touched before it is done.
        interrupted = true;
      } catch (ExecutionException e) {
        if (failed == null) {
          failed = e.getCause();
        } else {
          failed.addSuppressed(e.getCause());
        }
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failed instanceof RuntimeException e) {
      throw e;
    }
    if (failed instanceof Error e) {
      throw e;
    }
  }

  /** Ends the thread; nothing is under way, since {@link #run} waits. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
