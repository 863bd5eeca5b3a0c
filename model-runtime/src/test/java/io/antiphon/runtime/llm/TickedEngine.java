package io.antiphon.runtime.llm;

import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.List;
import java.util.Optional;

/**
 * An engine whose ticks the caller's thread makes, phase by phase, so that something can happen
 * between two of them.
 */
public final class TickedEngine implements AutoCloseable {
  /** Between which phases. */
  public enum Moment {
    AFTER_FILLING,
    AFTER_COMPUTING
  }

  private final Bundle bundle;
  private final DecodingEngine engine;

  public TickedEngine(ModelHostSettings settings) {
    bundle = Bundle.load(settings.bundle());
    HostMetrics metrics = new HostMetrics();
    engine =
        new DecodingEngine(
            bundle,
            new OnnxSessions(settings.device(), settings.intraOpThreads(), settings.spinning()),
            settings,
            new LoadWatch(settings.threads().on(1), 1, metrics),
            metrics,
            error -> {});
  }

  public Bundle bundle() {
    return bundle;
  }

  /** Bounds the positions of a prefill call, before the first tick. */
  public TickedEngine prefillAtMost(int positions) {
    engine.prefillAtMost(positions);
    return this;
  }

  public GenerationSession open(String conversation, boolean speech) {
    return engine.open(conversation, speech);
  }

  /**
   * A generation in a loop of its own: what goes in after each step but the last is given, whatever
   * the steps draw, and so is the end.
   *
   * @param textIds one for each step; that of the last step goes in nowhere
   */
  public void generate(
      GenerationSession session,
      GenerationRequest request,
      List<Integer> textIds,
      GenerationListener listener) {
    engine.generate((Sequence) session, request, new Given(textIds), listener);
  }

  private record Given(List<Integer> textIds) implements DecodingLoop {
    @Override
    public Optional<PositionInput> next(GenerationRequest request, GenerationStep step) {
      return step.index() + 1 < textIds.size()
          ? Optional.of(new PositionInput.Text(textIds.get(step.index())))
          : Optional.empty();
    }

    @Override
    public GenerationEnd end(GenerationStep last) {
      return GenerationEnd.LENGTH;
    }
  }

  public void loseRow(GenerationSession session) {
    engine.loseRow(session);
  }

  /** The row that a session has, -1 without one. */
  public static int row(GenerationSession session) {
    return ((Sequence) session).row;
  }

  /** One tick; there is something to do. */
  public void tick() {
    tick(Moment.AFTER_COMPUTING, () -> {});
  }

  /** One tick in which something happens. */
  public void tick(Moment moment, Runnable happening) {
    try {
      engine.fill();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (moment == Moment.AFTER_FILLING) {
      happening.run();
    }
    engine.compute();
    if (moment == Moment.AFTER_COMPUTING) {
      happening.run();
    }
    engine.route();
  }

  @Override
  public void close() {
    engine.close();
    bundle.close();
  }
}
