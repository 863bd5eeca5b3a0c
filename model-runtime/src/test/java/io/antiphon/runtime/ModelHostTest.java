package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelHostTest {
  @Test
  void equalSettingsShareOneHostUntilTheLastReferenceIsClosed() {
    ModelHostSettings settings = TestConversations.settings(Goldens.A, 2);
    ModelHost first = ModelHosts.acquire(settings);
    ModelHost second = ModelHosts.acquire(TestConversations.settings(Goldens.A, 2));
    HostMetrics metrics = first.metrics();
    assertThat(second.metrics()).isSameAs(metrics);

    first.close();
    first.close();
    GenerationSession session = second.openResponse("still open", true);
    session.append(new PromptSegment.Text(new int[] {1, 2, 3}));
    second.close();

    assertThatThrownBy(() -> session.append(new PromptSegment.Text(new int[] {1})))
        .isInstanceOf(HostClosedException.class);
    assertThatThrownBy(() -> second.openDetokenizer()).isInstanceOf(HostClosedException.class);
    try (ModelHost third = ModelHosts.acquire(settings)) {
      assertThat(third.metrics()).isNotSameAs(metrics);
    }
  }

  @Test
  void aClosedReferenceHoldsNothingOfItsHost() throws InterruptedException {
    ModelHost closed = ModelHosts.acquire(TestConversations.settings(Goldens.A, 2));
    WeakReference<HostMetrics> metrics = new WeakReference<>(closed.metrics());
    closed.close();
    collectUntil(() -> metrics.refersTo(null));
    assertThatThrownBy(closed::metrics).isInstanceOf(HostClosedException.class);
  }

  /** Collects garbage until something is so that only a collection brings about. */
  private static void collectUntil(BooleanSupplier freed) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    ReferenceQueue<Object> collected = new ReferenceQueue<>();
    while (!freed.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time for collections").isLessThan(deadline);
      WeakReference<Object> garbage = new WeakReference<>(new Object(), collected);
      System.gc();
      assertThat(collected.remove(60_000)).isSameAs(garbage);
    }
  }

  @Test
  void aDeadThreadFailsEverySessionAndTellsTheListeners(@TempDir Path directory)
      throws IOException {
    ModelHostSettings settings =
        TestConversations.settings(TestBundle.write(directory, json -> {}), 2);
    try (ModelHost host = ModelHosts.acquire(settings)) {
      CompletableFuture<Throwable> gone = new CompletableFuture<>();
      try (ModelHost closed = ModelHosts.acquire(settings)) {
        closed.onFailure(gone::complete);
      }
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      host.onFailure(told::complete);
      // The sampling variant is loaded when it is first needed.
      Files.delete(directory.resolve("step.onnx"));
      CollectedGeneration collected = new CollectedGeneration();
      GenerationSession session = host.openResponse("first", true);
      session.append(TestConversations.text(new Random(1), 5));
      session.generate(TestConversations.request(1, 0, true, new Sampling(1, 1, 1)), collected);

      assertThatThrownBy(collected::await).hasRootCauseInstanceOf(ConfigurationException.class);
      assertThat(told.join()).isInstanceOf(ConfigurationException.class);
      assertThat(gone).isNotDone();
      assertThatThrownBy(() -> host.openResponse("second", true))
          .isInstanceOf(HostClosedException.class);
      assertThatThrownBy(() -> host.encode(new float[128], 1).join())
          .hasCauseInstanceOf(HostClosedException.class);
      assertThatThrownBy(() -> host.openDetokenizer().decode(new int[] {1}, true).join())
          .hasCauseInstanceOf(HostClosedException.class);
      CompletableFuture<Throwable> late = new CompletableFuture<>();
      host.onFailure(late::complete);
      assertThat(late).isCompleted();
    }
  }

  @Test
  void aListenerThatThrowsLosesOnlyItsGeneration() {
    try (ModelHost host = ModelHosts.acquire(TestConversations.settings(Goldens.A, 2))) {
      var conversations = TestConversations.several(host.bundle().manifest(), 2, 1);
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      try (GenerationSession session = host.openResponse("throws", true)) {
        session.append(TestConversations.text(new Random(1), 5));
        session.generate(
            conversations.get(0).turns().get(0).request(),
            new GenerationListener() {
              @Override
              public void onStep(GenerationStep step) {
                throw new IllegalStateException("closed mailbox");
              }

              @Override
              public void onFinished(GenerationEnd end) {}

              @Override
              public void onFailed(Throwable error) {
                told.complete(error);
                throw new IllegalStateException("still closed");
              }
            });
        assertThat(told.join()).hasMessage("closed mailbox");

        assertThat(TestConversations.run(host, conversations.get(1)).get(0))
            .hasSize(TestConversations.STEPS);
      }
    }
  }

  @Test
  void windowsInOneBatchAreEncodedAsAlone() {
    ModelHostSettings alone = TestConversations.settings(Goldens.A, 1);
    ModelHostSettings patient =
        new ModelHostSettings(
            Goldens.A,
            Device.CPU,
            1,
            160,
            1,
            false,
            Duration.ofMillis(300),
            1,
            Duration.ofHours(1));
    try (ModelHost host = ModelHosts.acquire(alone);
        ModelHost batching = ModelHosts.acquire(patient)) {
      List<CompletableFuture<float[]>> together = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        together.add(batching.encode(mel(i), 200));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(together.get(i).join()).isEqualTo(host.encode(mel(i), 200).join());
      }
      assertThat(batching.metrics().histograms().get("encoder.batchSize").snapshot().maximum())
          .isEqualTo(8);
    }
  }

  @Test
  void callersWaitWhileTheEncodersQueueIsFull() throws Exception {
    ModelHostSettings patient =
        new ModelHostSettings(
            Goldens.A, Device.CPU, 1, 160, 1, false, Duration.ofSeconds(1), 1, Duration.ofHours(1));
    try (ModelHost host = ModelHosts.acquire(patient)) {
      CompletableFuture<Void> goOn = new CompletableFuture<>();
      CompletableFuture<Void> held = host.encode(mel(0), 200).thenRun(goOn::join);
      List<CompletableFuture<float[]>> results = new ArrayList<>();
      for (int i = 1; i < 8; i++) {
        results.add(host.encode(mel(i), 200));
      }
      int size = host.bundle().manifest().audio().groupSize() * 64;
      Thread caller =
          new Thread(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  results.add(host.group(new float[size], 1));
                }
              });
      caller.start();
      while (caller.getState() != Thread.State.WAITING && caller.isAlive()) {
        Thread.onSpinWait();
      }
      assertThat(caller.isAlive()).isTrue();

      goOn.complete(null);
      caller.join();
      held.join();
      results.forEach(CompletableFuture::join);
      assertThat(results).hasSize(5007);
    }
  }

  @Test
  void allWrongSettingsAreReportedAtOnce() {
    ConfigurationException problem =
        catchThrowableOfType(
            ConfigurationException.class,
            () ->
                new ModelHostSettings(
                    Goldens.A,
                    Device.CPU,
                    0,
                    1,
                    0,
                    false,
                    Duration.ofSeconds(2),
                    0,
                    Duration.ZERO));

    assertThat(problem.problems()).hasSize(6);
    assertThat(problem).hasMessageContaining("rows is 0, expected 1 to 4096");
  }

  @Test
  void cudaWithoutItsProviderIsAClearError() {
    ModelHostSettings settings =
        new ModelHostSettings(
            Goldens.A,
            Device.parse("cuda:0"),
            1,
            160,
            1,
            false,
            Duration.ZERO,
            1,
            Duration.ofSeconds(2));

    assertThatThrownBy(() -> ModelHosts.acquire(settings))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("device is 'cuda:0'")
        .hasMessageContaining("Maven profile 'cuda'");
    assertThatThrownBy(() -> Device.parse("gpu"))
        .hasMessageContaining("expected 'cpu' or 'cuda:N'");
  }

  @Test
  void morePositionsThanTheModelKnowsAreRefused() {
    ModelHostSettings settings =
        new ModelHostSettings(
            Goldens.A, Device.CPU, 1, 100_000, 1, false, Duration.ZERO, 1, Duration.ofSeconds(2));

    assertThatThrownBy(() -> ModelHosts.acquire(settings))
        .hasMessageContaining("positionsPerRow is 100000, expected at most the model's 2048");
  }

  private static float[] mel(int seed) {
    Random random = new Random(seed);
    float[] mel = new float[128 * 200];
    for (int i = 0; i < mel.length; i++) {
      mel[i] = (float) random.nextGaussian();
    }
    return mel;
  }
}
