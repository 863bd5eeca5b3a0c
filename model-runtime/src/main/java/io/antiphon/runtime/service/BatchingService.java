package io.antiphon.runtime.service;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.onnx.Joins;
import io.antiphon.runtime.onnx.NativeCalls;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes several callers' jobs together, on threads of its own: a bounded queue, from which each
 * thread takes a batch, runs it and completes its results. Callers wait while the queue is full.
 *
 * <p>A thread that dies of an error fails the whole service: its batch, what waits and all later
 * jobs fail, and the owner is told. Thread safe.
 *
 * @param <J> one caller's job
 */
public abstract class BatchingService<J extends BatchingService.Job> implements AutoCloseable {
  private static final int MOST_WAITING = 4096;

  /** What a caller waits for. */
  public interface Job {
    /** Completed by the service's threads. */
    CompletableFuture<float[]> result();
  }

  /** What one thread computes batches with. Not thread safe. */
  public interface Computation<J> extends AutoCloseable {
    /** Computes a batch and completes its results. */
    void run(List<J> batch) throws Exception;

    @Override
    default void close() {}
  }

  private final String name;
  private final Consumer<Throwable> onDeath;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<J> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private @Nullable Throwable end;

  private volatile int waiting;

  /**
   * @param name of the threads
   * @param onDeath called when a thread dies of an error
   */
  protected BatchingService(String name, Consumer<Throwable> onDeath) {
    this.name = name;
    this.onDeath = onDeath;
  }

  /** Opens what a new thread computes with, on that thread. */
  protected abstract Computation<J> openComputation();

  /**
   * Moves from the queue to the batch what is to be computed together now. Called under the lock.
   *
   * @return where the batch stays empty: nanoseconds after which to look again, 0 to look at the
   *     next job only
   */
  protected abstract long take(Deque<J> queue, List<J> batch);

  /**
   * Says no to a job. Called under the lock, before the job is queued.
   *
   * @throws IllegalStateException as the job's result
   */
  protected void admit(J job) {}

  /** A batch was computed and its results are complete. Called under the lock. */
  protected void release(List<J> batch) {}

  /** Jobs that wait. */
  protected final int waiting() {
    return waiting;
  }

  /** Reads or changes under the lock what {@link #take} and {@link #admit} read. */
  protected final <R> R underLock(Supplier<R> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Begins to work, on so many threads. */
  public final void start(int count) {
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::run, name + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  /**
   * Queues a job; waits while the queue is full. Interrupted there or refused, the job fails.
   *
   * @return the job's result
   */
  protected final CompletableFuture<float[]> submit(J job) {
    lock.lock();
    try {
      // The service's own thread, in a callback, must not wait for itself.
      while (end == null
          && queue.size() >= MOST_WAITING
          && !threads.contains(Thread.currentThread())) {
        room.await();
      }
      if (end != null) {
        throw new HostClosedException("the model host has ended", end);
      }
      admit(job);
      queue.add(job);
      waiting = queue.size();
      work.signal();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      job.result().completeExceptionally(e);
    } catch (IllegalStateException e) {
      job.result().completeExceptionally(e);
    } finally {
      lock.unlock();
    }
    return job.result();
  }

  /** Takes back the jobs that still wait and are meant; their results are cancelled. */
  protected final void withdraw(Predicate<J> meant) {
    List<J> dropped = new ArrayList<>();
    lock.lock();
    try {
      queue.removeIf(job -> meant.test(job) && dropped.add(job));
      waiting = queue.size();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    dropped.forEach(job -> job.result().cancel(false));
  }

  private void run() {
    List<J> batch = new ArrayList<>();
    try (Computation<J> computation = openComputation()) {
      while (await(batch)) {
        try (NativeCalls.Call call = NativeCalls.begin()) {
          computation.run(batch);
        }
        done(batch);
      }
    } catch (NativeCalls.ProcessEndsException e) {
      fail(batch, e);
      fail(e); // the process ends, and nobody needs to hear of a death
    } catch (Throwable e) {
      fail(batch, e);
      fail(e);
      onDeath.accept(e);
    }
  }

  /** Waits for a batch; false when the service ends. */
  private boolean await(List<J> batch) throws InterruptedException {
    lock.lock();
    try {
      while (end == null) {
        long patience = take(queue, batch);
        if (!batch.isEmpty()) {
          waiting = queue.size();
          room.signalAll();
          return true;
        }
        if (patience > 0) {
          work.await(patience, TimeUnit.NANOSECONDS);
        } else {
          work.await();
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void done(List<J> batch) {
    lock.lock();
    try {
      release(batch);
      work.signalAll(); // others of the released were passed over
    } finally {
      lock.unlock();
    }
    batch.clear();
  }

  /** Ends the service: what waits fails, later calls are refused. */
  public final void fail(Throwable reason) {
    List<J> failed;
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = reason;
      failed = new ArrayList<>(queue);
      queue.clear();
      waiting = 0;
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    fail(failed, new HostClosedException("the model host has ended", reason));
  }

  private static void fail(Collection<? extends Job> jobs, Throwable error) {
    jobs.forEach(job -> job.result().completeExceptionally(error));
  }

  /** Ends the service and waits for its threads; then the graphs can be closed. */
  @Override
  public void close() {
    fail(new HostClosedException("the model host was closed"));
    Joins.await(threads);
  }
}
