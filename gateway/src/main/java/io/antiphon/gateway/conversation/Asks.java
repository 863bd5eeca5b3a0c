package io.antiphon.gateway.conversation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answers that were asked for and have not begun. For one strand. */
final class Asks {
  /**
   * @param audio whether spoken words are asked about
   */
  record Ask(String tag, boolean audio) {}

  private static final int MOST = 1_000;

  private final Deque<Ask> unannounced = new ArrayDeque<>();
  private final Map<Long, String> bySequence = new HashMap<>();

  /** A question that asks by itself: the next answer that nobody announces is its. */
  void byItself(Ask ask) {
    unannounced.add(ask);
  }

  /** A request in a record of its own. */
  void requested(long sequence, String tag) {
    if (bySequence.size() > MOST) {
      bySequence.clear(); // only refusals ask for them, and those come soon
    }
    bySequence.put(sequence, tag);
  }

  /** What the next answer belongs to; null when it was not asked for. */
  @Nullable Ask unannounced() {
    return unannounced.poll();
  }

  /** The tag of the request in a record that was refused; null for any other record. */
  @Nullable String refused(long sequence) {
    return bySequence.remove(sequence);
  }
}
