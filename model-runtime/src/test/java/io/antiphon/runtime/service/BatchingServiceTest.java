package io.antiphon.runtime.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.HostClosedException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchingServiceTest {
  /** More than one thread's batch and a full queue hold. */
  private static final int QUEUE = 4096;

  private final LinkedBlockingQueue<Throwable> deaths = new LinkedBlockingQueue<>();

  @Test
  void computesTogetherWhatWaits() throws Exception {
    try (Doubling service = new Doubling(QUEUE)) {
      List<CompletableFuture<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        results.add(service.doubled(i));
      }
      service.gate.countDown();
      service.start(1);
      for (int i = 0; i < 3; i++) {
        assertThat(results.get(i).get(10, TimeUnit.SECONDS)).containsExactly(2 * i);
      }
      assertThat(service.batches).containsExactly(3);
    }
  }

  @Test
  void callersWaitWhileTheQueueIsFull() throws Exception {
    try (Doubling service = new Doubling(2)) {
      service.start(1);
      CompletableFuture<float[]> first = service.doubled(1);
      assertThat(service.running.await(10, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < QUEUE; i++) {
        service.doubled(1);
      }
      CompletableFuture<float[]> late = new CompletableFuture<>();
      Thread caller = new Thread(() -> late.complete(service.doubled(7).join()));
      caller.start();
      while (caller.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(service.waiting()).isEqualTo(QUEUE);

      service.gate.countDown();
      assertThat(first.get(10, TimeUnit.SECONDS)).containsExactly(2);
      assertThat(late.get(10, TimeUnit.SECONDS)).containsExactly(14);
    }
  }

  @Test
  void itsOwnThreadDoesNotWaitForItself() throws Exception {
    try (Doubling service = new Doubling(2)) {
      service.start(1);
      CompletableFuture<float[]> next =
          service.doubled(1).thenCompose(result -> service.doubled(result[0]));
      assertThat(service.running.await(10, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < QUEUE; i++) {
        service.doubled(1);
      }
      service.gate.countDown();
      assertThat(next.get(10, TimeUnit.SECONDS)).containsExactly(4);
    }
  }

  @Test
  void aDeadThreadFailsEverythingAndTellsItsOwner() throws Exception {
    try (Doubling service = new Doubling(QUEUE)) {
      service.start(1);
      CompletableFuture<float[]> deadly = service.doubled(Doubling.DEADLY);
      assertThat(service.running.await(10, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<float[]> waiting = service.doubled(1);
      service.gate.countDown();

      assertThat(deaths.poll(10, TimeUnit.SECONDS)).hasMessage("deadly");
      assertThatThrownBy(deadly::join).hasRootCauseMessage("deadly");
      assertThatThrownBy(waiting::join)
          .hasCauseInstanceOf(HostClosedException.class)
          .hasRootCauseMessage("deadly");
      assertThatThrownBy(service.doubled(1)::join).hasCauseInstanceOf(HostClosedException.class);
      assertThat(service.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(deaths).isEmpty();
  }

  @Test
  void closingFailsWhatWaitsAndRefusesWhatComesLater() {
    Doubling service = new Doubling(QUEUE);
    CompletableFuture<float[]> waiting = service.doubled(1);
    service.close();
    service.close();
    assertThatThrownBy(waiting::join).hasCauseInstanceOf(HostClosedException.class);
    assertThatThrownBy(service.doubled(1)::join).hasCauseInstanceOf(HostClosedException.class);
    assertThat(deaths).isEmpty();
  }

  @Test
  void refusedJobsFailAloneAndWithdrawnOnesAreCancelled() throws Exception {
    try (Doubling service = new Doubling(4)) {
      CompletableFuture<float[]> refused = service.doubled(-1);
      CompletableFuture<float[]> withdrawn = service.doubled(2);
      CompletableFuture<float[]> kept = service.doubled(3);
      service.withdraw(job -> job.value() == 2);
      service.gate.countDown();
      service.start(2);
      assertThat(kept.get(10, TimeUnit.SECONDS)).containsExactly(6);
      assertThat(withdrawn).isCancelled();
      assertThatThrownBy(refused::join)
          .isInstanceOf(CompletionException.class)
          .hasRootCauseMessage("negative");
    }
  }

  private record Number(float value, CompletableFuture<float[]> result)
      implements BatchingService.Job {}

  /** Doubles numbers, each batch behind a gate. */
  private final class Doubling extends BatchingService<Number> {
    static final float DEADLY = Float.MAX_VALUE;

    final CountDownLatch running = new CountDownLatch(1);
    final CountDownLatch gate = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    final List<Integer> batches = new ArrayList<>();
    private final int most;

    Doubling(int most) {
      super("doubling", deaths::add);
      this.most = most;
    }

    CompletableFuture<float[]> doubled(float value) {
      return submit(new Number(value, new CompletableFuture<>()));
    }

    @Override
    protected void admit(Number job) {
      if (job.value() < 0) {
        throw new IllegalStateException("negative");
      }
    }

    @Override
    protected long take(Deque<Number> queue, List<Number> batch) {
      while (!queue.isEmpty() && batch.size() < most) {
        batch.add(queue.poll());
      }
      return 0;
    }

    @Override
    protected Computation<Number> openComputation() {
      return new Computation<>() {
        @Override
        public void run(List<Number> batch) throws InterruptedException {
          running.countDown();
          gate.await();
          batches.add(batch.size());
          for (Number number : batch) {
            if (number.value() == DEADLY) {
              throw new IllegalStateException("deadly");
            }
            number.result().complete(new float[] {2 * number.value()});
          }
        }

        @Override
        public void close() {
          closed.countDown();
        }
      };
    }
  }
}
