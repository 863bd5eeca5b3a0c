package io.antiphon.benchmarks;

import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.FrameGrouper;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.LogMel;
import io.antiphon.runtime.Manifest;
import io.antiphon.runtime.MelWindow;
import io.antiphon.runtime.Mode;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.PromptSegment;
import io.antiphon.runtime.ResponseSession;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The same as {@link OneQuestion} without Kafka and Flink: the caller's thread feeds the model host
 * and hears from it.
 */
final class DirectQuestion {
  private static final int PATIENCE_SECONDS = 30;

  private final ModelHost host;
  private final Manifest manifest;
  private final int chunkMillis;
  private final LogMel logMel;
  private final FrameGrouper grouper;
  private CompletableFuture<Void> listening = CompletableFuture.completedFuture(null);

  DirectQuestion(ModelHost host, int chunkMillis) {
    this.host = host;
    this.manifest = host.bundle().manifest();
    this.chunkMillis = chunkMillis;
    this.logMel = host.bundle().logMel();
    this.grouper = host.bundle().frameGrouper();
  }

  /** As {@link OneQuestion#ask}. */
  OptionalDouble ask(float[] samples) throws Exception {
    try (ResponseSession session = host.openResponse("direct question", true);
        DetokenizerSession detokenizer = host.openDetokenizer()) {
      host.bundle().prompts().system(Mode.SPEECH, null, null).forEach(session::append);
      session.append(new PromptSegment.Text(host.bundle().prompts().audioBegin()));
      OneQuestion.inRealTime(
          samples.length,
          chunkMillis,
          (from, to) ->
              logMel
                  .append(Arrays.copyOfRange(samples, from, to))
                  .forEach(window -> listen(session, window, -1)));
      long asked = System.nanoTime();
      List<MelWindow> rest = logMel.finish();
      for (int i = 0; i < rest.size(); i++) {
        listen(session, rest.get(i), i == rest.size() - 1 ? samples.length : -1);
      }
      CompletableFuture<Long> heard = new CompletableFuture<>();
      listening
          .thenRun(
              () -> {
                session.append(new PromptSegment.Text(host.bundle().prompts().audioEnd()));
                session.generate(request(), new Ear(detokenizer, heard));
              })
          .exceptionally(
              error -> {
                heard.completeExceptionally(error);
                return null;
              });
      long at = heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      session.cancel();
      return at == 0 ? OptionalDouble.empty() : OptionalDouble.of((at - asked) / 1e6);
    }
  }

  /** What the dataflow asks for by default. */
  private GenerationRequest request() {
    Manifest.Prompt prompt = manifest.prompt().orElseThrow();
    return new GenerationRequest(
        0,
        0,
        true,
        prompt.tools().isEmpty() || prompt.forceSpeechWithTools(),
        manifest.sampling().text(),
        manifest.sampling().speech(),
        manifest.sampling().maximumNewPositions(),
        List.of());
  }

  /** Encodes at once; groups and appends in order. */
  private void listen(ResponseSession session, MelWindow window, long turnSamples) {
    CompletableFuture<float[]> frames = host.encode(window.mel(), window.frames());
    int groupValues = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
    listening =
        listening
            .thenCompose(nothing -> frames)
            .thenCompose(
                values -> {
                  float[] groups =
                      turnSamples < 0
                          ? grouper.append(values)
                          : grouper.finish(values, turnSamples);
                  int count = groups.length / groupValues;
                  return count == 0
                      ? CompletableFuture.completedFuture(null)
                      : host.group(groups, count)
                          .thenAccept(
                              embeddings ->
                                  session.append(new PromptSegment.Audio(embeddings, count)));
                });
  }

  /** Makes speech of the steps until something can be heard. */
  private final class Ear implements GenerationListener {
    private final DetokenizerSession detokenizer;
    private final CompletableFuture<Long> heard;

    Ear(DetokenizerSession detokenizer, CompletableFuture<Long> heard) {
      this.detokenizer = detokenizer;
      this.heard = heard;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // its error reaches heard
    public void onStep(GenerationStep step) {
      if (step.speechIds() == null || heard.isDone()) {
        return;
      }
      int[] ids =
          Arrays.stream(step.speechIds()).filter(id -> id < manifest.speechIds().codes()).toArray();
      if (ids.length > 0) {
        detokenizer
            .decode(ids, false)
            .whenComplete(
                (samples, error) -> {
                  if (error == null && samples.length > 0) {
                    heard.complete(System.nanoTime());
                  } else if (error != null) {
                    heard.completeExceptionally(error);
                  }
                });
      }
    }

    @Override
    public void onFinished(GenerationEnd end) {
      // What was decoded may still be on its way; an answer that is so short has no speech.
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> heard.complete(0L));
    }

    @Override
    public void onFailed(Throwable error) {
      heard.completeExceptionally(error);
    }
  }
}
