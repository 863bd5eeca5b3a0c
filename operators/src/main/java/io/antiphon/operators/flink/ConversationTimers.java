package io.antiphon.operators.flink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.KeyContext;

/**
 * One processing-time timer at most for each conversation, at or before its deadline. For the task
 * thread, with the conversation's key set.
 */
public final class ConversationTimers {
  private final InternalTimerService<VoidNamespace> service;
  private final Map<String, Long> timerAt = new HashMap<>();

  public ConversationTimers(InternalTimerService<VoidNamespace> service) {
    this.service = service;
  }

  /** Milliseconds since the epoch. */
  public long now() {
    return service.currentProcessingTime();
  }

  /**
   * Forgets the timers of the life before: every conversation that is restored sets its own.
   *
   * @param keys whose timers they are
   */
  public void forgetAll(KeyContext keys) throws Exception {
    record Timer(String conversation, long time) {}
    List<Timer> before = new ArrayList<>();
    service.forEachProcessingTimeTimer(
        (namespace, time) -> before.add(new Timer((String) keys.getCurrentKey(), time)));
    for (Timer timer : before) {
      keys.setCurrentKey(timer.conversation());
      service.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, timer.time());
    }
  }

  /** Sees to it that a timer fires at the deadline or before it. */
  public void schedule(String conversation, long deadline) {
    Long set = timerAt.get(conversation);
    if (set != null && set <= deadline) {
      return;
    }
    if (set != null) {
      service.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, set);
    }
    service.registerProcessingTimeTimer(VoidNamespace.INSTANCE, deadline);
    timerAt.put(conversation, deadline);
  }

  /** The conversation's timer has fired. */
  public void fired(String conversation) {
    timerAt.remove(conversation);
  }

  public void forget(String conversation) {
    Long set = timerAt.remove(conversation);
    if (set != null) {
      service.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, set);
    }
  }
}
