package io.antiphon.runtime.llm;

import java.util.ArrayList;
import java.util.List;

/**
 * The rows of one kind (speaking or text only) that step in this tick. A tick's decision; reused
 * from tick to tick.
 *
 * <p>A step costs little more for many rows than for few, so rows that are well ahead of their
 * playback wait until one of them has to go, and then all go that may: without that each would step
 * by itself. Where only others have to, those go along that lie between their rows: they are in the
 * call anyway, and resting there costs as much as stepping.
 */
final class StepBatch {
  private final List<Sequence> due = new ArrayList<>();
  private final List<Sequence> ready = new ArrayList<>();
  private boolean together;
  private boolean greedy;
  private int least = 1;
  private int rows = Integer.MAX_VALUE;

  /**
   * Makes every range from now on hold so many rows: a row too few takes a neighbour along, which
   * rests.
   *
   * @param least rows of a range
   * @param rows that there are, at least as many
   */
  void atLeast(int least, int rows) {
    this.least = least;
    this.rows = rows;
  }

  void clear() {
    due.clear();
    ready.clear();
    together = false;
  }

  /** Has to step now: no audio of it is out yet, or nothing is heard of it anyway. */
  void due(Sequence context) {
    due.add(context);
  }

  /** Has to step now so that its audio does not run out; those that may come along. */
  void running(Sequence context) {
    due.add(context);
    together = true;
  }

  /** May step, but need not. */
  void ready(Sequence context) {
    ready.add(context);
  }

  /** Decides who has to go. Their rows may be changed after that, until {@link #takeAlong}. */
  void decide() {
    if (together) {
      due.addAll(ready);
      ready.clear();
    }
  }

  /** Ends the decision: with those that may come along and lie in the range. */
  void takeAlong() {
    int start = start();
    int end = end();
    for (Sequence context : ready) {
      if (context.row >= start && context.row < end) {
        due.add(context);
      }
    }
    ready.clear();
    // Looked up here, under the engine's lock: while the batch is computed, callers may cut logs.
    greedy = true;
    for (Sequence context : due) {
      greedy &= context.log.step(context.computed).generation().greedy();
    }
  }

  boolean isEmpty() {
    return due.isEmpty();
  }

  int size() {
    return due.size();
  }

  List<Sequence> contexts() {
    return due;
  }

  /** First row of the range that holds them all. */
  int start() {
    int start = Integer.MAX_VALUE;
    for (Sequence context : due) {
      start = Math.min(start, context.row);
    }
    return isEmpty() ? start : Math.min(start, rows - least);
  }

  /** Row after the range. */
  int end() {
    int end = 0;
    for (Sequence context : due) {
      end = Math.max(end, context.row + 1);
    }
    return isEmpty() ? end : Math.max(end, start() + least);
  }

  /** Whether a row lies in that range. */
  boolean covers(int row) {
    return row >= start() && row < end();
  }

  /** Every row draws its ids without random numbers. */
  boolean greedy() {
    return greedy;
  }
}
