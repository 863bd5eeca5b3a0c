package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tick's work after it is planned: fill inputs (under the engine's lock), compute (without it),
 * route results (under it). The engine's thread, and beside it one that prefills while rows step.
 */
final class TickRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TickRunner.class);

  private final DecodingGraphs models;
  private final DecodingRules rules;
  private final SlotTable rows;
  private final SlotInputs inputs;
  private final int positions;
  private final long groupNanos;
  private final LoadWatch watch;
  private final PairedExecutor beside = new PairedExecutor("antiphon-prefill");
  private final Histogram stepMillis;
  private final Histogram prefillMillis;
  private final Histogram batchSize;
  private final Histogram rangeSize;
  private final Histogram slackMillis;
  private final Histogram firstGroupMillis;
  private final LongAdder steps;
  private final LongAdder replayed;
  private final LongAdder diverged;
  private final LongAdder prefilled;

  /**
   * What the planned contexts looked like when they were filled: a result across a cut is dropped.
   */
  private int prefillCuts;

  private int prefillBegin;
  private int prefillCount;
  private int prefillHeadPast;
  private final int[] stepCuts;
  private final int[] stepPosition;
  private final Generation[] stepOwner;

  /** Results of the last step by row, read out before another step's range may overwrite them. */
  private final int[] sampledText;

  private final int[][] sampledSpeech;

  /**
   * @param positions most positions of a log
   * @param groupNanos playing time of one group
   */
  TickRunner(
      DecodingGraphs models,
      DecodingRules rules,
      SlotTable rows,
      Manifest manifest,
      int positions,
      long groupNanos,
      LoadWatch watch,
      HostMetrics metrics) {
    this.watch = watch;
    this.models = models;
    this.rules = rules;
    this.rows = rows;
    this.positions = positions;
    this.groupNanos = groupNanos;
    this.inputs =
        new SlotInputs(models.tensors(), rules, manifest.audio().groupSize(), rows.rows());
    this.stepCuts = new int[rows.rows()];
    this.stepPosition = new int[rows.rows()];
    this.stepOwner = new Generation[rows.rows()];
    this.sampledText = new int[rows.rows()];
    this.sampledSpeech = new int[rows.rows()][];
    stepMillis = metrics.histogram("response.stepMillis");
    prefillMillis = metrics.histogram("response.prefillMillis");
    batchSize = metrics.histogram("response.batchSize");
    rangeSize = metrics.histogram("response.rangeSize");
    slackMillis = metrics.histogram("response.slackMillis");
    firstGroupMillis = metrics.histogram("response.firstGroupMillis");
    steps = metrics.counter("response.steps");
    replayed = metrics.counter("response.replayedSteps");
    diverged = metrics.counter("response.replayDivergences");
    prefilled = metrics.counter("response.prefilledPositions");
  }

  void fill(Scheduler plan) {
    Sequence prefill = plan.prefill();
    if (prefill != null) {
      fillPrefill(prefill);
    }
    fillSteps(plan.speech());
    fillSteps(plan.text());
  }

  private void fillPrefill(Sequence context) {
    models.slideHead(context);
    prefillCuts = context.cuts;
    prefillBegin = context.computed;
    prefillCount = context.prefillCount();
    prefillHeadPast = context.headLength();
    PrefillGraph graph = models.prefill(context.speech);
    for (int i = 0; i < prefillCount; i++) {
      int position = prefillBegin + i;
      graph.input(i, context.log.input(position));
    }
  }

  private void fillSteps(StepBatch batch) {
    if (batch.isEmpty()) {
      return;
    }
    for (int row = batch.start(); row < batch.end(); row++) {
      Sequence owner = rows.owner(row);
      if (owner == null) {
        models.tensors().pause(row, 0, 0);
      } else {
        models.tensors().pause(row, owner.computed, owner.headLength());
      }
    }
    for (Sequence context : batch.contexts()) {
      stepCuts[context.row] = context.cuts;
      stepPosition[context.row] = context.computed;
      stepOwner[context.row] = context.log.step(context.computed).generation();
      models.slideHead(context);
      inputs.fill(context);
      Generation generation = context.generation;
      if (generation != null && generation == stepOwner[context.row] && generation.begin()) {
        tell(context, generation, GenerationListener::onPrefilled);
      }
    }
  }

  void compute(Scheduler plan) {
    Sequence prefill = plan.prefill();
    if (prefill != null && sideBySide(plan, prefill)) {
      PrefillGraph graph = models.prefill(prefill.speech);
      beside.run(() -> prefill(graph, prefill), () -> steps(plan));
    } else {
      steps(plan);
      if (prefill != null) {
        prefill(models.prefill(prefill.speech), prefill);
      }
    }
  }

  private static boolean sideBySide(Scheduler plan, Sequence prefill) {
    return !(plan.speech().isEmpty() && plan.text().isEmpty())
        && !plan.speech().covers(prefill.row)
        && !plan.text().covers(prefill.row);
  }

  private void steps(Scheduler plan) {
    step(plan.speech(), true);
    // The second range may hold rows that have just stepped: they rest behind what they wrote. Its
    // graph has no refined head.
    for (Sequence stepped : plan.speech().contexts()) {
      models.tensors().pause(stepped.row, stepPosition[stepped.row] + 1, 0);
    }
    step(plan.text(), false);
  }

  private void prefill(PrefillGraph graph, Sequence context) {
    long begin = System.nanoTime();
    try {
      // As it was filled: what the context needs may have changed since, by callers' appends and
      // cuts.
      graph.run(context.row, prefillBegin, prefillHeadPast, prefillCount);
    } catch (OrtException e) {
      throw DecodingEngine.broken("prefill", e);
    }
    prefillMillis.record((System.nanoTime() - begin) / 1e6);
    prefilled.add(prefillCount);
  }

  private void step(StepBatch batch, boolean speech) {
    if (batch.isEmpty()) {
      return;
    }
    long begin = System.nanoTime();
    int range = batch.end() - batch.start();
    try {
      models.step(speech, batch.greedy()).run(batch.start(), range);
    } catch (OrtException e) {
      throw DecodingEngine.broken("step", e);
    }
    stepMillis.record((System.nanoTime() - begin) / 1e6);
    batchSize.record(batch.size());
    rangeSize.record(range);
    steps.add(batch.size());
    for (Sequence context : batch.contexts()) {
      sampledText[context.row] = models.tensors().nextTextId(context.row);
      sampledSpeech[context.row] = speech ? models.tensors().nextSpeechIds(context.row) : null;
    }
  }

  void route(Scheduler plan) {
    long now = System.nanoTime();
    Sequence prefill = plan.prefill();
    if (prefill != null) {
      prefill.usedNanos = now;
      prefill.workSinceNanos = now;
      if (prefill.cuts == prefillCuts && !prefill.closed) {
        prefill.computed = Math.max(prefill.computed, prefillBegin + prefillCount);
      }
    }
    plan.speech().contexts().forEach(context -> route(context, now));
    plan.text().contexts().forEach(context -> route(context, now));
  }

  private void route(Sequence context, long now) {
    context.usedNanos = now;
    Generation owner = stepOwner[context.row];
    if (context.closed || context.cuts != stepCuts[context.row]) {
      return;
    }
    int position = context.computed;
    if (position >= context.log.length() || context.log.generation(position) != owner) {
      return;
    }
    int index = context.log.stepIndex(position);
    GenerationStep before = index == 0 ? null : owner.step(index - 1);
    GenerationStep step =
        rules.read(owner, before, index, sampledText[context.row], sampledSpeech[context.row]);
    context.computed++;
    if (index < owner.known()) {
      compare(context, step, owner.step(index));
      if (context.generation == owner && index == owner.known() - 1) {
        finishIfEnded(context, owner, owner.step(index));
      }
    } else if (context.generation == owner) {
      deliver(context, owner, step, now);
    }
  }

  private void compare(Sequence context, GenerationStep now, GenerationStep known) {
    replayed.increment();
    if (now.textId() != known.textId()
        || !Arrays.equals(now.sampledSpeechIds(), known.sampledSpeechIds())) {
      diverged.increment();
      LOG.warn(
          "conversation {} step {} replays as {} {} where {} {} is known; goes on with the known ids",
          context.name,
          known.index(),
          now.textId(),
          Arrays.toString(now.sampledSpeechIds()),
          known.textId(),
          Arrays.toString(known.sampledSpeechIds()));
    }
  }

  private void deliver(Sequence context, Generation generation, GenerationStep step, long now) {
    generation.add(step);
    int audible = rules.audibleIds(step);
    if (audible > 0) {
      if (generation.audible()) {
        double slack = (generation.playedOutNanos() - now) / 1e6;
        slackMillis.record(slack);
        watch.slack(slack);
      } else {
        firstGroupMillis.record((now - generation.startedNanos()) / 1e6);
        watch.waited(now - generation.startedNanos());
      }
      generation.heard(now, audible);
      watch.record(LoadWatch.Part.RESPONSE, 0, groupNanos);
    }
    extend(context, step);
    if (tell(context, generation, listener -> listener.onStep(step))) {
      finishIfEnded(context, generation, step);
    }
  }

  /**
   * A listener that throws loses its generation and is told so; the host serves others and goes on.
   */
  private static boolean tell(
      Sequence context, Generation generation, Consumer<GenerationListener> call) {
    try {
      call.accept(generation.listener());
      return true;
    } catch (RuntimeException e) {
      LOG.warn(
          "the listener of conversation {} failed, its generation is dropped", context.name, e);
      if (context.generation == generation) { // else it was cancelled: nothing comes after that
        context.generation = null;
        tellFailed(context, generation, e);
      }
      return false;
    }
  }

  /** Tells a generation's end; a listener that cannot take it holds up nobody else. */
  static void tellFailed(Sequence context, Generation generation, Throwable error) {
    try {
      generation.listener().onFailed(error);
    } catch (RuntimeException | Error e) {
      LOG.warn(
          "the listener of conversation {} failed while it was told of an end", context.name, e);
    }
  }

  /** Appends the position that the next step computes, unless the generation ends with this one. */
  void extend(Sequence context, GenerationStep step) {
    Generation generation = context.generation;
    if (generation != null && context.log.length() < positions) {
      generation
          .loop()
          .next(generation.request(), step)
          .ifPresent(input -> context.log.append(input, generation, step.index() + 1));
    }
  }

  private void finishIfEnded(Sequence context, Generation generation, GenerationStep step) {
    // Extended logs have the position of the next step; where it is missing, the generation ends.
    if (context.log.length() > context.computed) {
      return;
    }
    context.generation = null;
    GenerationEnd end = generation.loop().end(step);
    try {
      generation.listener().onFinished(end);
    } catch (RuntimeException e) {
      LOG.warn("the listener of conversation {} failed at its answer's end", context.name, e);
      tellFailed(context, generation, e);
    }
  }

  @Override
  public void close() {
    beside.close();
  }
}
