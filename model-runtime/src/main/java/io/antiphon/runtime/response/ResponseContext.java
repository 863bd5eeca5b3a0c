package io.antiphon.runtime.response;

import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.PromptSegment;
import io.antiphon.runtime.ResponseSession;

/**
 * A conversation's context in the engine: its log, how much of it the row holds, and what has to be
 * computed next. All state is guarded by the engine's lock; the public methods take it.
 */
final class ResponseContext implements ResponseSession {
  static final int NO_ROW = -1;

  /** What a context needs next. */
  enum Work {
    NONE,
    PREFILL,
    STEP
  }

  private final ResponseEngine engine;
  final String name;
  final boolean speech;
  final ConversationLog log;

  /** The generation that runs, null when none does. */
  Generation generation;

  /** Positions of the log that the row holds; 0 without a row. */
  int computed;

  int row = NO_ROW;

  /** Counts cuts of the log, so that a result computed across one is dropped. */
  int cuts;

  boolean closed;
  long usedNanos;

  /** Since when there is unfinished work; meaningful while {@link #work} is not NONE. */
  long workSinceNanos;

  private int prefillStart;
  private int prefillCount;

  ResponseContext(ResponseEngine engine, String name, boolean speech, ConversationLog log) {
    this.engine = engine;
    this.name = name;
    this.speech = speech;
    this.log = log;
  }

  @Override
  public void append(PromptSegment segment) {
    engine.append(this, segment);
  }

  @Override
  public int length() {
    return engine.length(this);
  }

  @Override
  public void generate(GenerationRequest request, GenerationListener listener) {
    engine.generate(this, request, listener);
  }

  @Override
  public void cancel() {
    engine.cancel(this);
  }

  @Override
  public void rewind(int length) {
    engine.rewind(this, length);
  }

  @Override
  public void close() {
    engine.close(this);
  }

  /**
   * Decides what is next: the step or the chunk at the first position that is not computed.
   *
   * <p>A chunk never has length 1, because a kernel for one position rounds otherwise than one for
   * several: a lone position takes its predecessor along again, which gives the same bits as
   * before. While no generation runs, the last position is held back for the first step, and steps
   * of an old generation are made again only when something follows them.
   *
   * @param chunk most positions of a chunk
   */
  Work work(int chunk) {
    int length = log.length();
    if (closed || computed >= length) {
      return Work.NONE;
    }
    if (log.decoded(computed)) {
      boolean needed = generation != null || !log.decoded(length - 1);
      return needed ? Work.STEP : Work.NONE;
    }
    int end = log.promptEnd(computed);
    boolean open = end == length && generation == null;
    int count = end - computed - (open ? 1 : 0);
    if (count < 1 || (count == 1 && open)) {
      return Work.NONE;
    }
    prefillStart = computed;
    prefillCount = Math.min(count, chunk);
    if (prefillCount == 1 && computed > 0 && !log.decoded(computed - 1)) {
      prefillStart--;
      prefillCount++;
    }
    return Work.PREFILL;
  }

  /** First position of the chunk that {@link #work} decided on. */
  int prefillStart() {
    return prefillStart;
  }

  int prefillCount() {
    return prefillCount;
  }

  /**
   * The step at the first position that is not computed is known already and only fills the row.
   */
  boolean replaying() {
    Generation owner = log.generation(computed);
    return owner != generation || log.stepIndex(computed) < owner.known();
  }

  /** The row is lost: everything has to be computed again. */
  void loseRow() {
    row = NO_ROW;
    computed = 0;
  }
}
