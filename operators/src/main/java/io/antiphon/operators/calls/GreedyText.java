package io.antiphon.operators.calls;

import io.antiphon.runtime.CollectedGeneration;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.Sampling;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the shared LLM writes behind a prompt with the most probable ids: a function of the prompt
 * alone. Neither refined head nor detokenizer is used.
 */
final class GreedyText implements GenerationListener {
  /**
   * @param end whether the model came to an end
   */
  record Written(String text, GenerationEnd end) {}

  private final ModelHost host;
  private final CollectedGeneration steps = new CollectedGeneration();
  private final CompletableFuture<Written> whole = new CompletableFuture<>();

  private GreedyText(ModelHost host) {
    this.host = host;
  }

  /**
   * @param session with its prompt; stays its owner's
   * @param most positions of the text; no more than its row has room for are used
   */
  static CompletableFuture<Written> generate(ModelHost host, GenerationSession session, int most) {
    int room = host.settings().positionsPerRow() - session.length();
    GreedyText text = new GreedyText(host);
    session.generate(
        new GenerationRequest(
            0,
            0,
            false,
            false,
            Sampling.GREEDY,
            Sampling.GREEDY,
            Math.max(1, Math.min(most, room)),
            List.of()),
        text);
    return text.whole;
  }

  @Override
  public void onStep(GenerationStep step) {
    steps.onStep(step);
  }

  @Override
  public void onFinished(GenerationEnd end) {
    whole.complete(new Written(host.bundle().tokenizer().decode(steps.textIds()), end));
  }

  @Override
  public void onFailed(Throwable error) {
    whole.completeExceptionally(error);
  }
}
