package io.antiphon.operators;

import io.antiphon.runtime.Admission;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.Voice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A model host whose work is done when a test says so, one piece after the other, by arithmetic in
 * place of models. Counts what is open, so that leaks show.
 */
final class FakeHost implements ModelHost {
  private static final Runnable STOP = () -> {};

  private final Bundle bundle;
  private final int positionsPerRow;
  private final FakeModel model;
  private final LinkedBlockingDeque<Runnable> work = new LinkedBlockingDeque<>();
  final Set<Object> open = new LinkedHashSet<>();
  final List<Consumer<Throwable>> failureListeners = new ArrayList<>();
  int references;

  /** The bundle's voices. */
  List<String> voices = List.of("Ann", "Bert");

  boolean speaks = true;

  /** The voices of the streams that were opened, in order. */
  final List<Voice> spoken = new ArrayList<>();

  /** How long speech must last to stop answers; any unless a test says otherwise. */
  Duration minimumInterruption = Duration.ZERO;

  /** Who is refused; nobody unless a test says so. */
  FakeAdmission admission = new FakeAdmission(Integer.MAX_VALUE);

  FakeHost(Bundle bundle, int positionsPerRow, FakeModel model) {
    this.bundle = bundle;
    this.positionsPerRow = positionsPerRow;
    this.model = model;
  }

  FakeModel model() {
    return model;
  }

  void schedule(Runnable task) {
    work.add(task);
  }

  boolean idle() {
    return work.isEmpty();
  }

  /** Does the oldest piece of work. */
  void runOne() {
    work.remove().run();
  }

  /** Does the work on a thread of its own from now on, until {@link #stop()}. */
  Thread start() {
    Thread thread =
        new Thread(
            () -> {
              try {
                for (Runnable next = work.take(); next != STOP; next = work.take()) {
                  next.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "fake host");
    thread.start();
    return thread;
  }

  void stop() {
    work.add(STOP);
  }

  <T> CompletableFuture<T> later(Supplier<T> result) {
    CompletableFuture<T> future = new CompletableFuture<>();
    schedule(() -> future.complete(result.get()));
    return future;
  }

  @Override
  public Bundle bundle() {
    return bundle;
  }

  @Override
  public ModelHostSettings settings() {
    return new ModelHostSettings(
        bundle.directory(),
        Device.CPU,
        1,
        positionsPerRow,
        1,
        false,
        Duration.ZERO,
        1,
        Duration.ofSeconds(1));
  }

  @Override
  public CompletableFuture<float[]> encode(float[] mel, int frames) {
    return later(
        () -> {
          int half = (frames - 1) / 2 + 1;
          int count = Math.max(1, half / 2);
          float[] result = new float[count * TestBundle.HIDDEN];
          for (int i = 0; i < result.length; i++) {
            result[i] = mel[i % mel.length] + i / TestBundle.HIDDEN;
          }
          return result;
        });
  }

  @Override
  public CompletableFuture<float[]> scoreCharacters(float[] mel, int frames) {
    throw new IllegalStateException("the test bundle cannot time words");
  }

  @Override
  public CompletableFuture<float[]> group(float[] frames, int groups) {
    return later(
        () -> {
          float[] result = new float[groups * TestBundle.HIDDEN];
          int size = TestBundle.GROUP * TestBundle.HIDDEN;
          for (int group = 0; group < groups; group++) {
            for (int i = 0; i < size; i++) {
              result[group * TestBundle.HIDDEN + i % TestBundle.HIDDEN] += frames[group * size + i];
            }
          }
          return result;
        });
  }

  @Override
  public GenerationSession openResponse(String conversation, boolean speech) {
    return new FakeResponseSession(this, conversation, speech);
  }

  @Override
  public DetokenizerSession openDetokenizer(Voice voice) {
    spoken.add(voice);
    return new FakeDetokenizerSession(this);
  }

  @Override
  public boolean speaks() {
    return speaks;
  }

  @Override
  public List<String> voices() {
    return voices;
  }

  /**
   * Writes a turn down by its loud stretches: one is "the capital of", more are a whole question.
   */
  CompletableFuture<String> transcribe(String name, float[] samples) {
    int stretches = 0;
    int quiet = Integer.MAX_VALUE;
    for (float sample : samples) {
      boolean loud = Math.abs(sample) > 0.05;
      stretches += loud && quiet > 1600 ? 1 : 0;
      quiet = loud ? 0 : Math.min(quiet, Integer.MAX_VALUE - 1) + 1;
    }
    String text = stretches < 2 ? "The capital of" : "The capital of Cuba?";
    return later(() -> text);
  }

  @Override
  public SpeechDetector speechDetector() {
    return LevelDetector.INSTANCE;
  }

  @Override
  public void onFailure(Consumer<Throwable> listener) {
    failureListeners.add(listener);
  }

  @Override
  public Admission admission() {
    return admission;
  }

  @Override
  public HostMetrics metrics() {
    return new HostMetrics();
  }

  @Override
  public long slabBytes() {
    return 0;
  }

  @Override
  public void close() {
    references--;
  }
}
