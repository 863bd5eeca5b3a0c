package io.antiphon.benchmarks.dataflow;

import io.antiphon.benchmarks.Recordings;
import io.antiphon.client.Pace;
import io.antiphon.client.Pacer;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.schemas.StageLatencies;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The same as {@link TimedQuestion} without Kafka and Flink: the caller's thread feeds the model
 * host and hears from it. As in the dataflow an answer's first two groups become audible at once.
 */
public final class DirectQuestion {
  private static final int PATIENCE_SECONDS = 30;

  private final ModelHost host;
  private final Manifest manifest;
  private final int chunkMillis;
  private final LogMel logMel;
  private final FrameGrouper grouper;
  private CompletableFuture<Void> listening = CompletableFuture.completedFuture(null);
  private @Nullable StageLatencies stages;

  public DirectQuestion(ModelHost host, int chunkMillis) {
    this.host = host;
    this.manifest = host.bundle().manifest();
    this.chunkMillis = chunkMillis;
    this.logMel = host.bundle().logMel();
    this.grouper = host.bundle().frameGrouper();
  }

  /** As {@link TimedQuestion#ask}. */
  public OptionalDouble ask(float[] samples) throws Exception {
    try (GenerationSession session = host.openResponse("direct question", true);
        DetokenizerSession detokenizer = host.openDetokenizer()) {
      host.bundle().prompts().system(GenerationMode.SPEECH, null, null).forEach(session::append);
      session.append(new PromptSegment.Text(host.bundle().prompts().audioBegin()));
      new Pacer(Recordings.SAMPLE_RATE, chunkMillis)
          .run(
              samples.length,
              Pace.REAL_TIME,
              (from, to) ->
                  logMel
                      .append(Arrays.copyOfRange(samples, from, to))
                      .forEach(window -> listen(session, window, -1)));
      long asked = System.nanoTime();
      List<MelWindow> rest = logMel.finish();
      for (int i = 0; i < rest.size(); i++) {
        listen(session, rest.get(i), i == rest.size() - 1 ? samples.length : -1);
      }
      Ear ear = new Ear(detokenizer, asked);
      listening
          .thenRun(
              () -> {
                ear.encoded = ear.now();
                session.append(new PromptSegment.Text(host.bundle().prompts().audioEnd()));
                session.generate(request(), ear);
              })
          .exceptionally(
              error -> {
                ear.heard.completeExceptionally(error);
                return null;
              });
      double at = ear.heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      session.cancel();
      stages =
          new StageLatencies(
              ear.encoded, ear.prefilled, ear.firstText, ear.firstSpeechTokens, at, at);
      return at < 0 ? OptionalDouble.empty() : OptionalDouble.of(at);
    }
  }

  /** As {@link TimedQuestion#stages}; the last one is that of the first audio. */
  public StageLatencies stages() {
    return Objects.requireNonNull(stages, "nothing was asked");
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
  private void listen(GenerationSession session, MelWindow window, long turnSamples) {
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

  /**
   * Makes speech of an answer's first two groups, or of its only one. Its figures are milliseconds
   * from the end of the question, each written before {@link #heard} completes.
   */
  private final class Ear implements GenerationListener {
    private static final int NONE = -1;

    private final DetokenizerSession detokenizer;
    private final long asked;
    private final CompletableFuture<Double> heard = new CompletableFuture<>();
    private int @Nullable [] held;
    private boolean decoding;
    private double encoded = NONE;
    private double prefilled = NONE;
    private double firstText = NONE;
    private double firstSpeechTokens = NONE;

    Ear(DetokenizerSession detokenizer, long asked) {
      this.detokenizer = detokenizer;
      this.asked = asked;
    }

    double now() {
      return (System.nanoTime() - asked) / 1e6;
    }

    @Override
    public void onPrefilled() {
      prefilled = now();
    }

    @Override
    public void onStep(GenerationStep step) {
      firstText = firstText < 0 ? now() : firstText;
      if (step.speechIds() == null || decoding) {
        return;
      }
      int[] ids =
          Arrays.stream(step.speechIds()).filter(id -> id < manifest.speechIds().codes()).toArray();
      if (ids.length == 0) {
        return;
      }
      if (held == null) {
        firstSpeechTokens = now();
        held = ids;
      } else {
        decode(IntStream.concat(Arrays.stream(held), Arrays.stream(ids)).toArray(), false);
      }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // its error reaches heard
    private void decode(int[] ids, boolean last) {
      decoding = true;
      detokenizer
          .decode(ids, last)
          .whenComplete(
              (samples, error) -> {
                if (error == null) {
                  heard.complete(now());
                } else {
                  heard.completeExceptionally(error);
                }
              });
    }

    @Override
    public void onFinished(GenerationEnd end) {
      if (decoding) {
        return;
      }
      if (held == null) {
        heard.complete((double) NONE); // an answer without speech
      } else {
        decode(held, true);
      }
    }

    @Override
    public void onFailed(Throwable error) {
      heard.completeExceptionally(error);
    }
  }
}
