package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.Closing;
import io.antiphon.runtime.onnx.Joins;
import io.antiphon.runtime.onnx.NativeCalls;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All conversations' shared LLM and refined head: one thread, ticking. A tick has three phases:
 * drain and fill rows (under the lock), one step of each kind and beside it one prefill chunk
 * (without it), route results (under it). Callers' calls only change logs, under the lock.
 */
public final class DecodingEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DecodingEngine.class);

  /** Rows that are compared with one alone at the start: a quick step, and another kernel. */
  private static final int COMPARED_ROWS = 8;

  /** Why a host that was opened for text alone does not speak. */
  public static final String NO_SPEECH =
      "the model host was opened for text alone, expected one with all parts of the bundle";

  /** Most positions in one prefill call: what a step of others waits at most for. */
  static final int CHUNK = 32;

  /** A kernel for one position rounds otherwise than one for several. */
  private static final int LEAST_CHUNK = 2;

  /** A prefill call takes no longer than this, half the playing time of a group. */
  private static final double MOST_PREFILL_MILLIS = 100;

  private final Manifest manifest;
  private final SlidingWindow headWindow;
  private final RequestChecks checks;
  private final DecodingGraphs models;
  private final Scheduler scheduler;
  private final SlotTable rows;
  private final TickRunner runner;
  private final LoadWatch watch;
  private final DecodingLoop halfDuplex;
  private final long idNanos;
  private final Consumer<Throwable> onDeath;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  @GuardedBy("lock")
  private final Set<Sequence> contexts = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final List<Sequence> toLoseRow = new ArrayList<>();

  @GuardedBy("lock")
  private @Nullable Throwable end;

  private int chunk = CHUNK;
  private volatile int contextsNow;
  private volatile int rowsNow;
  private volatile int waitingNow;

  /**
   * Loads the graphs; {@link #start} begins.
   *
   * @param onDeath called once when the thread dies of an error
   */
  public DecodingEngine(
      Bundle bundle,
      OnnxSessions sessions,
      ModelHostSettings settings,
      LoadWatch watch,
      HostMetrics metrics,
      Consumer<Throwable> onDeath) {
    this.manifest = bundle.manifest();
    this.headWindow = new SlidingWindow(manifest);
    int positions = settings.positionsPerRow();
    this.checks = new RequestChecks(manifest, positions);
    this.onDeath = onDeath;
    this.models =
        new DecodingGraphs(bundle, sessions, settings.rows(), positions, CHUNK, settings.speech());
    OptionalInt exactFrom;
    try (NativeCalls.Call call = NativeCalls.begin()) {
      models.preload(settings.preload());
      exactFrom = models.rowsExactFrom(COMPARED_ROWS);
    } catch (RuntimeException e) {
      Closing.after(e, models);
      throw e;
    }
    this.watch = watch;
    DecodingRules rules = new DecodingRules(manifest);
    this.halfDuplex = new HalfDuplexLoop(rules);
    this.rows =
        new SlotTable(
            settings.rows(), models::swap, metrics.counter("response.rowMoves")::increment);
    this.idNanos = 1_000_000_000L / manifest.audio().tokenRate();
    long groupNanos = idNanos * manifest.audio().groupSize();
    this.scheduler =
        new Scheduler(rows, rules, CHUNK, groupNanos, settings.maximumLead().toNanos(), metrics);
    exactFrom.ifPresent(
        few -> {
          scheduler.stepAtLeast(Math.max(1, few));
          tell(few > 0, bundle, metrics);
        });
    this.runner =
        new TickRunner(models, rules, rows, manifest, positions, groupNanos, watch, metrics);
    metrics.gauge("response.prefillChunk", () -> chunk);
    metrics.gauge("response.contexts", () -> contextsNow);
    metrics.gauge("response.rowsUsed", () -> rowsNow);
    metrics.gauge("response.waitingForRow", () -> waitingNow);
    this.thread = new Thread(this::run, "antiphon-response");
    thread.setDaemon(true);
  }

  private static void tell(boolean exact, Bundle bundle, HostMetrics metrics) {
    metrics.gauge("response.rowsExact", () -> exact ? 1 : 0);
    if (!exact) {
      LOG.warn(
          "a step of {} gives other bits of few rows than of {} on this processor: answers that go"
              + " on after a failure may differ from what they would have been;"
              + " response.replayDivergences counts them",
          bundle.directory(),
          COMPARED_ROWS);
    }
  }

  /**
   * Measures steps and prefill, before the start. The model of a small machine then prefills fewer
   * positions in a call, so that nobody's step waits long for others' prompts; what is computed
   * does not depend on it.
   */
  public DecodingCosts calibrate(Calibration calibration, double share) throws OrtException {
    DecodingCosts costs = DecodingCosts.measure(models, manifest, rows.rows(), calibration, share);
    prefillAtMost(chunk(costs.prefillMillis() / costs.prefillPositions()));
    return costs;
  }

  /** Positions of a prefill call whose positions take so long each. */
  static int chunk(double positionMillis) {
    return (int) Math.max(LEAST_CHUNK, Math.min(CHUNK, MOST_PREFILL_MILLIS / positionMillis));
  }

  /** Bounds prefill calls, before the start. */
  void prefillAtMost(int positions) {
    chunk = positions;
    scheduler.prefillAtMost(positions);
  }

  /** Begins to work. */
  public void start() {
    thread.start();
  }

  /** Opens a context; see {@link io.antiphon.runtime.ModelHost#openResponse}. */
  public GenerationSession open(String conversation, boolean speech) {
    if (speech && !models.speech()) {
      throw new IllegalStateException(NO_SPEECH);
    }
    PositionLog log =
        new PositionLog(manifest.textIds().audio(), manifest.sharedLlm().hiddenSize());
    Sequence context = new Sequence(this, conversation, speech, headWindow, log);
    lock.lock();
    try {
      requireAlive();
      contexts.add(context);
      contextsNow = contexts.size();
    } finally {
      lock.unlock();
    }
    return context;
  }

  public long slabBytes() {
    return models.slabBytes();
  }

  /**
   * Memory of one row of the slab in bytes.
   *
   * @param speech whether the refined head has a part of it
   */
  public static long rowBytes(Manifest manifest, int positions, boolean speech) {
    return DecodingGraphs.rowBytes(manifest, positions, speech);
  }

  void append(Sequence context, PromptSegment segment) {
    checks.requireKnownIds(segment);
    lock.lock();
    try {
      requireUsable(context);
      RequestChecks.requireNoGeneration(context);
      checks.requireRoom(context, segment.positions());
      if (context.work(chunk) == Sequence.Work.NONE) {
        context.workSinceNanos = System.nanoTime();
      }
      context.log.append(segment);
      touch(context);
    } finally {
      lock.unlock();
    }
  }

  int length(Sequence context) {
    lock.lock();
    try {
      return context.log.length();
    } finally {
      lock.unlock();
    }
  }

  void generate(Sequence context, GenerationRequest request, GenerationListener listener) {
    generate(context, request, halfDuplex, listener);
  }

  /** A generation in another loop. */
  void generate(
      Sequence context, GenerationRequest request, DecodingLoop loop, GenerationListener listener) {
    lock.lock();
    try {
      requireUsable(context);
      RequestChecks.requireNoGeneration(context);
      checks.requireAnswerable(context, request);
      Generation generation = new Generation(request, loop, listener, System.nanoTime(), idNanos);
      context.generation = generation;
      context.log.decodeLast(generation);
      context.computed = Math.min(context.computed, context.log.length() - 1);
      for (int i = 0; i < request.replay().size(); i++) {
        runner.extend(context, generation.step(i));
      }
      touch(context);
    } finally {
      lock.unlock();
    }
  }

  void cancel(Sequence context) {
    lock.lock();
    try {
      context.generation = null;
      work.signal(); // somebody may wait for the row
    } finally {
      lock.unlock();
    }
  }

  void rewind(Sequence context, int length) {
    lock.lock();
    try {
      requireUsable(context);
      RequestChecks.requireNoGeneration(context);
      RequestChecks.requireCut(context, length);
      context.computed = Math.min(context.computed, context.log.truncate(length));
      context.cuts++;
    } finally {
      lock.unlock();
    }
  }

  void close(Sequence context) {
    lock.lock();
    try {
      context.closed = true;
      context.generation = null;
      contexts.remove(context);
      contextsNow = contexts.size();
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a session's row away at the next tick, whatever it does; it comes back by replay. */
  public void loseRow(GenerationSession session) {
    lock.lock();
    try {
      toLoseRow.add((Sequence) session);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void touch(Sequence context) {
    context.usedNanos = System.nanoTime();
    work.signal();
  }

  @GuardedBy("lock")
  private void requireAlive() {
    if (end != null) {
      throw new HostClosedException("the model host has ended", end);
    }
  }

  @GuardedBy("lock")
  private void requireUsable(Sequence context) {
    requireAlive();
    if (context.closed) {
      throw new IllegalStateException("conversation " + context.name + " is closed");
    }
  }

  private void run() {
    try {
      while (fill()) {
        compute();
        route();
      }
    } catch (NativeCalls.ProcessEndsException e) {
      fail(e); // the process ends, and nobody needs to hear of a death
    } catch (Throwable e) {
      try {
        fail(e);
      } finally {
        onDeath.accept(e);
      }
    }
  }

  /**
   * A tick's first phase: sleeps until there is something to do, plans it and fills its inputs;
   * false when the engine ends.
   */
  boolean fill() throws InterruptedException {
    lock.lock();
    try {
      while (end == null) {
        toLoseRow.stream().filter(context -> context.row >= 0).forEach(rows::release);
        toLoseRow.clear();
        scheduler.plan(contexts, System.nanoTime());
        rowsNow = rows.used();
        waitingNow = scheduler.waiting();
        if (!scheduler.idle()) {
          runner.fill(scheduler);
          return true;
        }
        if (scheduler.sleepNanos() == Long.MAX_VALUE) {
          work.await();
        } else {
          work.await(scheduler.sleepNanos(), TimeUnit.NANOSECONDS);
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** A tick's second phase: steps and prefills what was planned, while callers' calls go on. */
  void compute() {
    long begin = System.nanoTime();
    try (NativeCalls.Call call = NativeCalls.begin()) {
      runner.compute(scheduler);
    }
    watch.record(LoadWatch.Part.RESPONSE, System.nanoTime() - begin, 0);
  }

  /** A tick's third phase: gives the results to those to whom they still mean something. */
  void route() {
    lock.lock();
    try {
      runner.route(scheduler);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the engine: later calls are refused, running generations fail. */
  public void fail(Throwable reason) {
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = reason;
      work.signal();
      for (Sequence context : contexts) {
        Generation generation = context.generation;
        context.generation = null;
        if (generation != null) {
          TickRunner.tellFailed(
              context, generation, new HostClosedException("the model host has ended", reason));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    fail(new HostClosedException("the model host was closed"));
    Joins.await(List.of(thread));
    runner.close();
    models.close();
  }

  /** Why a graph call failed, for {@link TickRunner}. */
  static IllegalStateException broken(String graph, OrtException cause) {
    return new IllegalStateException(
        "the " + graph + " graph failed: " + cause.getMessage(), cause);
  }
}
