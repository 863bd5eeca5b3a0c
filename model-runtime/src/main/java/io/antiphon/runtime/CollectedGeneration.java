package io.antiphon.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Keeps a generation's steps, for callers that only want the whole. */
public final class CollectedGeneration implements GenerationListener {
  @GuardedBy("this")
  private final List<GenerationStep> steps = new ArrayList<>();

  private final CompletableFuture<GenerationEnd> end = new CompletableFuture<>();

  @Override
  public synchronized void onStep(GenerationStep step) {
    steps.add(step);
  }

  @Override
  public void onFinished(GenerationEnd reason) {
    end.complete(reason);
  }

  @Override
  public void onFailed(Throwable error) {
    end.completeExceptionally(error);
  }

  /** Waits for the end; throws what the generation failed with. */
  public GenerationEnd await() {
    return end.join();
  }

  boolean isDone() {
    return end.isDone();
  }

  /** The steps so far, in their order. */
  public synchronized List<GenerationStep> steps() {
    return List.copyOf(steps);
  }

  public int[] textIds() {
    return steps().stream().mapToInt(GenerationStep::textId).toArray();
  }

  /** All emitted speech ids. */
  public int[] speechIds() {
    return steps().stream()
        .filter(step -> step.speechIds() != null)
        .flatMapToInt(step -> IntStream.of(step.speechIds()))
        .toArray();
  }
}
