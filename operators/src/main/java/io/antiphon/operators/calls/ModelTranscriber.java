package io.antiphon.operators.calls;

import io.antiphon.runtime.CollectedGeneration;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Transcribes by the bundle's encoder and shared LLM, each utterance in a context of its own and
 * with the most probable ids: what else is heard makes no difference to a text. Neither refined
 * head nor detokenizer is used.
 */
public final class ModelTranscriber implements Transcriber {
  private final ModelHost host;
  private final Manifest manifest;

  /**
   * @param host stays its owner's
   */
  public ModelTranscriber(ModelHost host) {
    this.host = host;
    this.manifest = host.bundle().manifest();
  }

  @Override
  public CompletableFuture<String> transcribe(String name, float[] samples) {
    GenerationSession session = host.openResponse(name, false);
    CompletableFuture<String> text =
        groups(samples).thenCompose(groups -> generate(session, groups));
    // Not on the host's thread, which calls back under its own order.
    return text.whenCompleteAsync((ignored, error) -> session.close());
  }

  /** The utterance's embeddings, all groups together. */
  private CompletableFuture<PromptSegment.Audio> groups(float[] samples) {
    LogMel logMel = host.bundle().logMel();
    List<MelWindow> windows = new ArrayList<>(logMel.append(samples));
    windows.addAll(logMel.finish());
    List<CompletableFuture<float[]>> encoded =
        windows.stream().map(window -> host.encode(window.mel(), window.frames())).toList();
    int size = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
    return CompletableFuture.allOf(encoded.toArray(CompletableFuture[]::new))
        .thenCompose(
            nothing -> {
              FrameGrouper grouper = host.bundle().frameGrouper();
              List<float[]> pieces = new ArrayList<>();
              encoded.forEach(frames -> pieces.add(grouper.append(frames.join())));
              pieces.add(grouper.finish(new float[0], samples.length));
              float[] frames = joined(pieces);
              int count = frames.length / size;
              return host.group(frames, count)
                  .thenApply(groups -> new PromptSegment.Audio(groups, count));
            });
  }

  private CompletableFuture<String> generate(
      GenerationSession session, PromptSegment.Audio groups) {
    host.bundle().prompts().system(GenerationMode.TRANSCRIBE, null, null).forEach(session::append);
    session.append(new PromptSegment.Text(host.bundle().prompts().audioBegin()));
    session.append(groups);
    session.append(new PromptSegment.Text(host.bundle().prompts().audioEnd()));
    int room = host.settings().positionsPerRow() - session.length();
    Text text = new Text();
    session.generate(
        new GenerationRequest(
            0,
            0,
            false,
            false,
            Sampling.GREEDY,
            Sampling.GREEDY,
            Math.max(1, Math.min(manifest.sampling().maximumNewPositions(), room)),
            List.of()),
        text);
    return text.whole;
  }

  private static float[] joined(List<float[]> pieces) {
    float[] all = new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }

  private final class Text implements GenerationListener {
    private final CollectedGeneration steps = new CollectedGeneration();
    private final CompletableFuture<String> whole = new CompletableFuture<>();

    @Override
    public void onStep(GenerationStep step) {
      steps.onStep(step);
    }

    @Override
    public void onFinished(GenerationEnd end) {
      whole.complete(host.bundle().tokenizer().decode(steps.textIds()));
    }

    @Override
    public void onFailed(Throwable error) {
      whole.completeExceptionally(error);
    }
  }
}
