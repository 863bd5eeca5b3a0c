package io.antiphon.runtime.llm;

import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.llm.Sequence.Work;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The first phase of a tick: takes rows back, gives rows out, and decides on one prefill chunk and
 * the rows that step. Earliest deadline first: a conversation's deadline is the moment its audio
 * runs out at the caller's ear; before its first audio, the moment it was asked for. The engine's
 * thread, under its lock.
 */
final class Scheduler {
  /**
   * A listening conversation's chunk may wait this long behind those that are to be answered now.
   */
  private static final long LISTENING_SLACK_NANOS = 300_000_000L;

  /**
   * A caller who speaks gives a window every two seconds. Rows change between listening
   * conversations only after a longer rest: if each window took somebody else's row, every one
   * would prefill its whole context again and again. Who finds no row listens without, and has its
   * context prefilled in one go when it is to be answered.
   */
  private static final long REST_NANOS = 3_000_000_000L;

  /**
   * A conversation has to step when its lead is down to this part of the greatest one; until then
   * it only comes along. The smaller, the more conversations step together; what is left must cover
   * the detokenizer's look-ahead and a tick.
   */
  private static final int LEAST_LEAD_PART = 5;

  private final SlotTable rows;
  private final DecodingRules rules;
  private final long mostLeadNanos;
  private final long leastLeadNanos;
  private final LongAdder evictions;

  /** Most positions of one prefill call. */
  private int chunk;

  private final StepBatch speech = new StepBatch();
  private final StepBatch text = new StepBatch();
  private @Nullable Sequence prefill;
  private long wakeNanos;
  private int waiting;

  /**
   * @param chunk most positions of one prefill call
   * @param groupNanos playing time of one group
   * @param maximumLeadNanos most audio ahead of playback
   */
  Scheduler(
      SlotTable rows,
      DecodingRules rules,
      int chunk,
      long groupNanos,
      long maximumLeadNanos,
      HostMetrics metrics) {
    this.rows = rows;
    this.rules = rules;
    this.chunk = chunk;
    this.mostLeadNanos = Math.max(0, maximumLeadNanos - groupNanos);
    this.leastLeadNanos = maximumLeadNanos / LEAST_LEAD_PART;
    this.evictions = metrics.counter("response.evictions");
  }

  /** Makes every step hold so many rows or all that there are, before the first tick. */
  void stepAtLeast(int least) {
    int bounded = Math.min(least, rows.rows());
    speech.atLeast(bounded, rows.rows());
    text.atLeast(bounded, rows.rows());
  }

  /** Bounds prefill calls anew, before the first tick. */
  void prefillAtMost(int positions) {
    chunk = positions;
  }

  /** Decides on a tick. */
  void plan(Collection<Sequence> contexts, long now) {
    rows.releaseClosed();
    wakeNanos = Long.MAX_VALUE;
    giveRows(contexts, now);
    prefill = null;
    speech.clear();
    text.clear();
    for (int row = 0; row < rows.rows(); row++) {
      Sequence context = rows.owner(row);
      if (context == null) {
        continue;
      }
      Work work = context.work(chunk);
      if (work == Work.PREFILL) {
        if (prefill == null || prefillDeadline(context) - prefillDeadline(prefill) < 0) {
          prefill = context;
        }
      } else if (work == Work.STEP) {
        pace(context, now);
      }
    }
    gather(speech, true);
    gather(text, false);
  }

  /** The context that prefills a chunk, null when none does. */
  @Nullable Sequence prefill() {
    return prefill;
  }

  StepBatch speech() {
    return speech;
  }

  StepBatch text() {
    return text;
  }

  boolean idle() {
    return prefill == null && speech.isEmpty() && text.isEmpty();
  }

  /** How long an idle engine may sleep; {@link Long#MAX_VALUE} until something new comes. */
  long sleepNanos() {
    return wakeNanos;
  }

  /** Contexts with work that have no row. */
  int waiting() {
    return waiting;
  }

  private void giveRows(Collection<Sequence> contexts, long now) {
    List<Sequence> without = null;
    for (Sequence context : contexts) {
      if (context.row == Sequence.NO_ROW && context.work(chunk) != Work.NONE) {
        without = without == null ? new ArrayList<>() : without;
        without.add(context);
      }
    }
    waiting = 0;
    if (without == null) {
      return;
    }
    without.sort(
        Comparator.<Sequence>comparingInt(context -> context.generation == null ? 1 : 0)
            .thenComparingLong(this::prefillDeadline));
    for (Sequence context : without) {
      if (!rows.assign(context) && !(evictFor(context, now) && rows.assign(context))) {
        waiting++;
      }
    }
  }

  /**
   * Takes the row of a context that rests: for one that listens, only after a long rest; for one
   * that has to answer at once, and if none rests also of one that only listens.
   */
  private boolean evictFor(Sequence context, long now) {
    Sequence victim =
        rows.leastRecentlyUsed(owner -> owner.generation == null && owner.work(chunk) == Work.NONE);
    if (victim != null && context.generation == null) {
      long rest = REST_NANOS - (now - victim.usedNanos);
      if (rest > 0) {
        wakeNanos = Math.min(wakeNanos, rest);
        return false;
      }
    }
    if (victim == null && context.generation != null) {
      victim = rows.leastRecentlyUsed(owner -> owner.generation == null);
    }
    if (victim == null) {
      return false;
    }
    rows.release(victim);
    evictions.increment();
    return true;
  }

  private long prefillDeadline(Sequence context) {
    return context.generation != null
        ? context.generation.startedNanos()
        : context.workSinceNanos + LISTENING_SLACK_NANOS;
  }

  private void pace(Sequence context, long now) {
    Generation generation = context.log.step(context.computed).generation();
    StepBatch batch = generation.request().speech() ? speech : text;
    if (context.replaying() || !heardNow(generation)) {
      batch.due(context);
      return;
    }
    long lead = generation.playedOutNanos() - now;
    if (lead < leastLeadNanos) {
      batch.running(context);
      return;
    }
    wakeNanos = Math.min(wakeNanos, lead - leastLeadNanos + 1);
    if (lead < mostLeadNanos) {
      batch.ready(context);
    }
  }

  private boolean heardNow(Generation generation) {
    return generation.audible() && rules.speaking(generation.step(generation.known() - 1));
  }

  private void gather(StepBatch batch, boolean speaking) {
    batch.decide();
    for (Sequence context : batch.contexts()) {
      rows.join(context, speaking, Scheduler::decodes);
    }
    batch.takeAlong();
  }

  private static boolean decodes(Sequence context) {
    return context.generation != null
        && !context.closed
        && context.computed < context.log.length()
        && context.log.decoded(context.computed);
  }
}
