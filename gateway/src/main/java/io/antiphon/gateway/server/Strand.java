package io.antiphon.gateway.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of one connection one after the other on shared threads, so that its state needs
 * no locks. Bounded: what does not fit is refused and the one who offers decides.
 */
public final class Strand {
  private static final Logger LOG = LoggerFactory.getLogger(Strand.class);

  /** Tasks that one run works off before others get the thread. */
  private static final int AT_ONCE = 64;

  private final Executor threads;
  private final int capacity;
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @GuardedBy("tasks")
  private boolean scheduled;

  /**
   * @param capacity tasks that may wait
   */
  public Strand(Executor threads, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + "; expected at least 1");
    }
    this.threads = threads;
    this.capacity = capacity;
  }

  /**
   * Runs a task after those before it. Any thread.
   *
   * @return false when too many wait; the task is dropped
   */
  public boolean offer(Runnable task) {
    return add(task, capacity);
  }

  /** Like {@link #offer} for what must not be dropped: an end, a failure. Any thread. */
  public void force(Runnable task) {
    add(task, Integer.MAX_VALUE);
  }

  private boolean add(Runnable task, int limit) {
    synchronized (tasks) {
      if (tasks.size() >= limit) {
        return false;
      }
      tasks.add(task);
      if (scheduled) {
        return true;
      }
      scheduled = true;
    }
    threads.execute(this::run);
    return true;
  }

  private void run() {
    for (int done = 0; done < AT_ONCE; done++) {
      Runnable task;
      synchronized (tasks) {
        task = tasks.poll();
        if (task == null) {
          scheduled = false;
          return;
        }
      }
      try {
        task.run();
      } catch (RuntimeException e) {
        // One task's fault must not stop those behind it, above all not the one that closes.
        LOG.error("A task of a connection failed", e);
      }
    }
    threads.execute(this::run);
  }
}
