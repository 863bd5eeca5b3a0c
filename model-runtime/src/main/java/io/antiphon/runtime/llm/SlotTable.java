package io.antiphon.runtime.llm;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which context owns which row of the slabs. Rows that decode are kept together, speaking ones from
 * the first row up, text-only ones from the last row down, so that a step's range has few rows in
 * it that do not step. Not thread safe: the engine's thread, under its lock.
 */
final class SlotTable {
  private final Sequence[] owners;
  private final Runnable onMove;
  private final Mover mover;
  private int speaking;
  private int writing;

  /** Exchanges two rows' contents; the second may have no owner. */
  interface Mover {
    void swap(Sequence from, int target, Sequence other);
  }

  /**
   * @param onMove counts moves
   */
  SlotTable(int rows, Mover mover, Runnable onMove) {
    this.owners = new Sequence[rows];
    this.mover = mover;
    this.onMove = onMove;
  }

  int rows() {
    return owners.length;
  }

  @Nullable Sequence owner(int row) {
    return owners[row];
  }

  int used() {
    int used = 0;
    for (Sequence owner : owners) {
      used += owner == null ? 0 : 1;
    }
    return used;
  }

  /** Takes the rows of closed contexts back. */
  void releaseClosed() {
    for (int row = 0; row < owners.length; row++) {
      if (owners[row] != null && owners[row].closed) {
        release(owners[row]);
      }
    }
  }

  void release(Sequence context) {
    owners[context.row] = null;
    context.loseRow();
  }

  /** Gives a free row, the nearest to where the context will decode; false when there is none. */
  boolean assign(Sequence context) {
    for (int i = 0; i < owners.length; i++) {
      int row = context.speech ? i : owners.length - 1 - i;
      if (owners[row] == null) {
        owners[row] = context;
        context.row = row;
        context.forget();
        return true;
      }
    }
    return false;
  }

  /** The least recently used context that may lose its row, null when none may. */
  @Nullable Sequence leastRecentlyUsed(Predicate<Sequence> mayLose) {
    Sequence oldest = null;
    for (Sequence owner : owners) {
      if (owner != null
          && mayLose.test(owner)
          && (oldest == null || owner.usedNanos - oldest.usedNanos < 0)) {
        oldest = owner;
      }
    }
    return oldest;
  }

  /**
   * Moves a context that begins to decode to the others that do.
   *
   * @param decodes whether a context decodes in the given kind
   */
  void join(Sequence context, boolean speech, Predicate<Sequence> decodes) {
    trim(decodes);
    int region = speech ? speaking : writing;
    if (rank(context.row, speech) < region) {
      return;
    }
    int target = region;
    for (int i = 0; i < region; i++) {
      Sequence owner = owners[row(i, speech)];
      if (owner == null || !decodes.test(owner)) {
        target = i;
        break;
      }
    }
    if (target == region) {
      if (speaking + writing >= owners.length) {
        return; // no room between the two kinds: the step's range just gets wider
      }
      if (speech) {
        speaking++;
      } else {
        writing++;
      }
    }
    move(context, row(target, speech));
  }

  private void move(Sequence context, int target) {
    int from = context.row;
    if (from == target) {
      return;
    }
    Sequence other = owners[target];
    mover.swap(context, target, other);
    owners[target] = context;
    context.row = target;
    owners[from] = other;
    if (other != null) {
      other.row = from;
    }
    onMove.run();
  }

  /** Forgets rows at a region's open end that decode no more. */
  private void trim(Predicate<Sequence> decodes) {
    while (speaking > 0 && idle(row(speaking - 1, true), decodes)) {
      speaking--;
    }
    while (writing > 0 && idle(row(writing - 1, false), decodes)) {
      writing--;
    }
  }

  private boolean idle(int row, Predicate<Sequence> decodes) {
    return owners[row] == null || !decodes.test(owners[row]);
  }

  private int row(int rank, boolean speech) {
    return speech ? rank : owners.length - 1 - rank;
  }

  private int rank(int row, boolean speech) {
    return speech ? row : owners.length - 1 - row;
  }
}
