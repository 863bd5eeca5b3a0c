package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.text.PromptSegment;
import org.jspecify.annotations.Nullable;

/**
 * A conversation's context in the engine: its log, how much of it the row holds, and what has to be
 * computed next. All state is guarded by the engine's lock; the public methods take it.
 */
final class Sequence implements GenerationSession {
  static final int NO_ROW = -1;

  /** What a context needs next. */
  enum Work {
    NONE,
    PREFILL,
    STEP
  }

  private final DecodingEngine engine;
  final String name;
  final boolean speech;
  final PositionLog log;

  /** The generation that runs, null when none does. */
  @Nullable Generation generation;

  /** Positions of the log that the row holds; 0 without a row. */
  int computed;

  int row = NO_ROW;

  /** First position at the front of the row's refined-head cache; those before are set aside. */
  private int headBegin;

  /** Counts cuts of the log, so that a result computed across one is dropped. */
  int cuts;

  boolean closed;
  long usedNanos;

  /** Since when there is unfinished work; meaningful while {@link #work} is not NONE. */
  long workSinceNanos;

  private final SlidingWindow window;
  private int prefillCount;

  Sequence(
      DecodingEngine engine, String name, boolean speech, SlidingWindow window, PositionLog log) {
    this.engine = engine;
    this.name = name;
    this.speech = speech;
    this.window = window;
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
   * <p>A chunk ends where the refined head's cache begins elsewhere. While no generation runs, the
   * last position is held back for the first step, and steps of an old generation are made again
   * only when something follows them.
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
    prefillCount = Math.min(Math.min(count, chunk), window.end(computed) - computed);
    return Work.PREFILL;
  }

  /** Positions of the chunk that {@link #work} decided on; it begins at the first not computed. */
  int prefillCount() {
    return prefillCount;
  }

  /**
   * Readies the refined head's cache for the first position that is not computed: what lies before
   * its window is set aside, and comes back after a cut. The engine's thread, when no graph runs.
   */
  void slideHead(KeyValueCache head, int groupSize) throws OrtException {
    int begin = speech ? headBegin(computed) : 0;
    int count = SlidingWindow.BLOCK * groupSize;
    for (; headBegin < begin; headBegin += SlidingWindow.BLOCK) {
      head.setAside(row, headExtent(groupSize), count);
    }
    for (; headBegin > begin; headBegin -= SlidingWindow.BLOCK) {
      head.takeBack(row, headExtent(groupSize), count);
    }
  }

  /** Positions at the front of the row's refined-head cache. */
  int headLength() {
    return Math.max(0, computed - headBegin);
  }

  /** What of the row's refined-head cache means something, in entries. */
  KeyValueCache.Extent headExtent(int groupSize) {
    return new KeyValueCache.Extent(headLength() * groupSize, headBegin * groupSize);
  }

  /** During an answer the cache begins where it began with the answer's first step. */
  private int headBegin(int position) {
    boolean decoded = position < log.length() && log.decoded(position);
    return window.begin(decoded ? position - log.stepIndex(position) : position);
  }

  /** The row's contents mean nothing to this context. */
  void forget() {
    computed = 0;
    headBegin = 0;
  }

  /**
   * The step at the first position that is not computed is known already and only fills the row.
   */
  boolean replaying() {
    Generation owner = log.step(computed).generation();
    return owner != generation || log.stepIndex(computed) < owner.known();
  }

  /** The row is lost: everything has to be computed again. */
  void loseRow() {
    row = NO_ROW;
    forget();
  }
}
