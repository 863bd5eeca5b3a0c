package io.antiphon.operators.dialogue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The caller's speech over answers whose turn has not ended yet, oldest first. What is told of
 * speech overtakes the speech itself, so that there may be more than one.
 */
final class Overlaps {
  /** Turns end soon after their speech; those beyond were left out by the input. */
  private static final int MOST = 16;

  private final Deque<Overlap> overlaps = new ArrayDeque<>();

  /**
   * Speech begins over an answer.
   *
   * @param told whether the caller is told at once
   */
  void began(long millis, boolean told) {
    if (overlaps.size() == MOST) {
      overlaps.poll();
    }
    overlaps.add(new Overlap(millis, told, ConversationDialogue.NO_TURN));
  }

  /** The last one if the caller was not told of it, else null. */
  @Nullable Overlap untold() {
    Overlap last = overlaps.peekLast();
    return last == null || last.told() ? null : last;
  }

  /** The caller is told of the last one. */
  void tell() {
    Overlap last = overlaps.pollLast();
    overlaps.add(new Overlap(last.beganMillis(), true, last.stoppedTurn()));
  }

  /** The last one has stopped an answer, if it is the first that it stops. */
  void stopped(int turn) {
    Overlap last = overlaps.peekLast();
    if (last != null && last.stoppedTurn() == ConversationDialogue.NO_TURN) {
      overlaps.pollLast();
      overlaps.add(new Overlap(last.beganMillis(), last.told(), turn));
    }
  }

  /** Takes the one that began there, and forgets older ones; null when there is none. */
  @Nullable Overlap ended(long beganMillis) {
    while (!overlaps.isEmpty() && overlaps.peek().beganMillis() <= beganMillis) {
      Overlap next = overlaps.poll();
      if (next.beganMillis() == beganMillis) {
        return next;
      }
    }
    return null;
  }

  List<Overlap> log() {
    return List.copyOf(overlaps);
  }

  void restore(List<Overlap> log) {
    overlaps.addAll(log);
  }
}
