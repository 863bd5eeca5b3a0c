package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PairedExecutorTest {
  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void bothRunAtTheSameTime() {
    CountDownLatch both = new CountDownLatch(2);
    try (PairedExecutor beside = new PairedExecutor("test")) {
      Runnable meet =
          () -> {
            both.countDown();
            await(both);
          };
      beside.run(meet, meet);
    }
    assertThat(both.getCount()).isZero();
  }

  @Test
  void waitsForTheOtherAlsoWhenItsOwnWorkFails() {
    CountDownLatch ownFailed = new CountDownLatch(1);
    AtomicBoolean otherDone = new AtomicBoolean();
    try (PairedExecutor beside = new PairedExecutor("test")) {
      assertThatThrownBy(
              () ->
                  beside.run(
                      () -> {
                        await(ownFailed);
                        otherDone.set(true);
                      },
                      () -> {
                        ownFailed.countDown();
                        throw new IllegalStateException("own");
                      }))
          .hasMessage("own");
    }
    assertThat(otherDone).isTrue();
  }

  @Test
  void tellsTheOthersError() {
    AtomicBoolean ownDone = new AtomicBoolean();
    try (PairedExecutor beside = new PairedExecutor("test")) {
      assertThatThrownBy(
              () ->
                  beside.run(
                      () -> {
                        throw new StackOverflowError("other");
                      },
                      () -> ownDone.set(true)))
          .isInstanceOf(StackOverflowError.class)
          .hasMessage("other");
    }
    assertThat(ownDone).isTrue();
  }

  @Test
  void oneErrorDoesNotHideTheOther() {
    try (PairedExecutor beside = new PairedExecutor("test")) {
      assertThatThrownBy(
              () ->
                  beside.run(
                      () -> {
                        throw new IllegalStateException("other");
                      },
                      () -> {
                        throw new IllegalStateException("own");
                      }))
          .hasMessage("own")
          .satisfies(e -> assertThat(e.getSuppressed()).extracting("message").contains("other"));
    }
  }
}
