package io.antiphon.benchmarks.load;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The thread of all callers, for one of them, who is told what its actions throw. */
public final class CallersThread {
  private final ScheduledExecutorService thread;
  private final Consumer<RuntimeException> onFailure;

  public CallersThread(ScheduledExecutorService thread, Consumer<RuntimeException> onFailure) {
    this.thread = thread;
    this.onFailure = onFailure;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // guarded: nothing is thrown
  public void after(double seconds, Runnable action) {
    thread.schedule(guarded(action), (long) (seconds * 1e9), TimeUnit.NANOSECONDS);
  }

  /** As soon as it is free. */
  public void execute(Runnable action) {
    thread.execute(guarded(action));
  }

  /** An executor would keep what an action throws to itself. */
  private Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (RuntimeException e) {
        onFailure.accept(e);
      }
    };
  }
}
