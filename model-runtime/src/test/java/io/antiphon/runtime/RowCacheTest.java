package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.TestConversations.Conversation;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows are a cache: fewer than conversations, taken and given back in time. */
@Tag("slow")
class RowCacheTest {
  private static final int LISTENERS = 8;
  private static final int WINDOWS = 6;
  private static final int GROUPS = 10;

  @Test
  void listenersWithoutARowWaitAndAreAnsweredWithoutAnyWorkDoneTwice() {
    try (LocalModelHost host = new LocalModelHost(TestConversations.settings(Goldens.A, 2))) {
      List<GenerationSession> sessions = new ArrayList<>();
      for (int i = 0; i < LISTENERS; i++) {
        sessions.add(host.openResponse("listener " + i, true));
      }
      Random random = new Random(5);
      Manifest manifest = host.bundle().manifest();
      for (int window = 0; window < WINDOWS; window++) {
        for (GenerationSession session : sessions) {
          session.append(TestConversations.audio(manifest, random, GROUPS));
        }
        await(() -> gauge(host, "response.waitingForRow") == LISTENERS - 2);
      }
      assertThat(counter(host, "response.evictions")).isZero();

      List<CollectedGeneration> answers = new ArrayList<>();
      for (GenerationSession session : sessions) {
        session.append(TestConversations.text(random, 2));
        CollectedGeneration answer = new CollectedGeneration();
        session.generate(TestConversations.request(1, 0, true, Sampling.GREEDY), answer);
        answers.add(answer);
      }
      answers.forEach(CollectedGeneration::await);
      assertThat(answers).allSatisfy(a -> assertThat(a.steps()).hasSize(TestConversations.STEPS));
      // Each prompt once; the two that listened with a row may have lost it to an answer once.
      int prompt = WINDOWS * GROUPS + 2;
      assertThat(counter(host, "response.prefilledPositions"))
          .isLessThanOrEqualTo((long) (LISTENERS + 2) * (prompt + WINDOWS));
      sessions.forEach(GenerationSession::close);
    }
  }

  @Test
  void aCancelledAnswersRowGoesAtOnceToWhoWaits() {
    ModelHostSettings settings =
        new ModelHostSettings(
            Goldens.A,
            Device.CPU,
            1,
            400,
            1,
            false,
            Duration.ZERO,
            1,
            Duration.ofSeconds(40)); // once 40 s are made the engine sleeps for 20 s
    try (LocalModelHost host = new LocalModelHost(settings)) {
      GenerationSession first = host.openResponse("first", true);
      first.append(TestConversations.text(new Random(1), 5));
      GenerationRequest longAnswer =
          new GenerationRequest(1, 0, true, true, Sampling.GREEDY, Sampling.GREEDY, 350, List.of());
      CollectedGeneration made = new CollectedGeneration();
      CompletableFuture<Integer> far = new CompletableFuture<>();
      first.generate(
          longAnswer,
          new GenerationListener() {
            @Override
            public void onStep(GenerationStep step) {
              made.onStep(step);
              if (step.index() == 198) {
                far.complete(step.index());
              }
            }

            @Override
            public void onFinished(GenerationEnd end) {
              far.completeExceptionally(new AssertionError("ended with " + end));
            }

            @Override
            public void onFailed(Throwable error) {
              far.completeExceptionally(error);
            }
          });
      far.join();
      Conversation waiting = TestConversations.several(host.bundle().manifest(), 1, 1).get(0);
      GenerationSession second = TestConversations.open(host, waiting);
      waiting.turns().get(0).prompt().forEach(second::append);
      CollectedGeneration answer = new CollectedGeneration();
      second.generate(waiting.turns().get(0).request(), answer);
      await(() -> gauge(host, "response.waitingForRow") == 1);

      first.cancel();
      int steps = made.steps().size();
      await(() -> !answer.steps().isEmpty());
      assertThat(made.steps()).hasSize(steps);
      answer.await();
      second.close();
      first.close();
    }
  }

  @Test
  void aSlabThatDoesNotFitSaysWhichSettingsAndWhichMemory() {
    ModelHostSettings settings =
        new ModelHostSettings(
            Goldens.A, Device.CPU, 4096, 2048, 1, false, Duration.ZERO, 1, Duration.ofSeconds(1));
    assertThatThrownBy(() -> new LocalModelHost(settings))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("rows is 4096 of ")
        .hasMessageContaining("fewer rows or positionsPerRow, or a larger -XX:MaxDirectMemorySize");
  }

  @Test
  void weightsThatDoNotFitAreToldBeforeTheyAreLoaded(@TempDir Path directory) {
    Path bundle =
        TestBundle.write(directory, manifest -> manifest.put("weightsMebibytes", 8 << 20));
    assertThatThrownBy(() -> new LocalModelHost(TestConversations.settings(bundle, 2)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the bundle's weights take 8388608 MiB and 2 rows ")
        .hasMessageContaining("expected at most this machine's ");
  }

  @Test
  void memoryIsBoundedByTheSettingsAndReported() {
    try (LocalModelHost host = new LocalModelHost(TestConversations.settings(Goldens.A, 3));
        LocalModelHost twice = new LocalModelHost(TestConversations.settings(Goldens.A, 6))) {
      assertThat(twice.slabBytes()).isEqualTo(2 * host.slabBytes());
      assertThat(gauge(host, "memory.slabBytes")).isEqualTo(host.slabBytes());
      assertThat(gauge(host, "memory.directBytes"))
          .isGreaterThan(host.slabBytes() + twice.slabBytes());
    }
  }

  @Test
  void aCalibratedHostKnowsItsCostsAndItsPlaces(@TempDir Path directory) {
    ModelHostSettings settings =
        new ModelHostSettings(
            TestBundle.write(directory, json -> {}),
            Device.CPU,
            4,
            160,
            1,
            false,
            Duration.ZERO,
            4,
            Duration.ofSeconds(2),
            new ThreadPlan(2, 2),
            ModelHostSettings.Preload.ALL,
            new AdmissionSettings(
                AdmissionSettings.MEASURED,
                1,
                Duration.ofMillis(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(5)),
            ModelHostSettings.Parts.ALL);
    try (LocalModelHost host = new LocalModelHost(settings)) {
      for (String name :
          List.of("stepMillis", "encoderMillis", "prefillMillis", "detokenizerMillis")) {
        assertThat(gauge(host, "calibration." + name)).isPositive();
      }
      assertThat(gauge(host, "admission.capacity")).isBetween(1.0, 4.0);
      assertThat(host.admission().request(1)).isInstanceOf(Admission.Accepted.class);
      assertThat(host.admission().request(4)).isInstanceOf(Admission.Refused.class);
      // What the measurement left in the rows does no harm.
      Conversation conversation = TestConversations.several(host.bundle().manifest(), 1, 1).get(0);
      List<GenerationStep> measured = TestConversations.run(host, conversation).get(0);
      try (LocalModelHost other = new LocalModelHost(TestConversations.settings(Goldens.A, 4))) {
        assertThat(TestConversations.ids(measured))
            .isEqualTo(TestConversations.ids(TestConversations.run(other, conversation).get(0)));
      }
    }
  }

  private static double gauge(ModelHost host, String name) {
    return host.metrics().gauges().get(name).getAsDouble();
  }

  private static long counter(ModelHost host, String name) {
    return host.metrics().counters().get(name).sum();
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
