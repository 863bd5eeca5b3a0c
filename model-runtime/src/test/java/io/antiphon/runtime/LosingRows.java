package io.antiphon.runtime;

import io.antiphon.runtime.host.LocalModelHost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Takes its session's row away at some steps; collects the answer and the order of all calls. */
final class LosingRows implements GenerationListener {
  private final LocalModelHost host;
  private final GenerationSession session;
  private final IntPredicate at;
  private final List<String> calls = new ArrayList<>();
  final CollectedGeneration collected = new CollectedGeneration();

  /**
   * @param at steps, by index
   */
  LosingRows(LocalModelHost host, GenerationSession session, IntPredicate at) {
    this.host = host;
    this.session = session;
    this.at = at;
  }

  @Override
  public synchronized void onPrefilled() {
    calls.add("prefilled");
  }

  @Override
  public synchronized void onStep(GenerationStep step) {
    calls.add("step");
    collected.onStep(step);
    if (at.test(step.index())) {
      host.response().loseRow(session);
    }
  }

  @Override
  public void onFinished(GenerationEnd end) {
    collected.onFinished(end);
  }

  @Override
  public void onFailed(Throwable error) {
    collected.onFailed(error);
  }

  synchronized List<String> calls() {
    return List.copyOf(calls);
  }
}
