package io.antiphon.benchmarks.load;

import io.antiphon.benchmarks.Recordings;
import io.antiphon.client.ConversationClient;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** All callers and their one thread. */
public final class CallerPopulation implements AutoCloseable {
  private final LoadStatistics figures = new LoadStatistics();
  private final String name = "load-" + UUID.randomUUID();
  private final ConversationClient client;
  private final Workload habits;
  private final Recordings recordings;
  private final List<VirtualCaller> all = new ArrayList<>();
  private int named;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread caller = new Thread(task, "antiphon-callers");
            caller.setDaemon(true);
            return caller;
          });

  public CallerPopulation(ConversationClient client, Workload habits, Recordings recordings) {
    this.client = client;
    this.habits = habits;
    this.recordings = recordings;
  }

  /** With which the ids of their conversations begin; what follows says which caller it is. */
  public String name() {
    return name;
  }

  /** The name of those of whom one has this conversation. */
  public static String nameIn(String conversation) {
    String caller = conversation.substring(0, conversation.lastIndexOf('-'));
    return caller.substring(0, caller.lastIndexOf('-'));
  }

  public int size() {
    return all.size();
  }

  /**
   * Adds callers, one after the other. What a caller says and when, and the seed of its answers,
   * follow from its number among those that are there: the same number, called anew, does the same
   * again.
   */
  public void add(int count, int group, double within) {
    for (int i = 0; i < count; i++) {
      VirtualCaller caller =
          new VirtualCaller(
              client, thread, name + "-" + named++, group, habits, recordings, figures, all.size());
      all.add(caller);
      caller.start(within * i / count);
    }
  }

  /** Hangs up with all but the first {@code count}. */
  public void keep(int count) {
    while (all.size() > count) {
      all.remove(all.size() - 1).hangUp();
    }
  }

  public LoadStatistics figures() {
    return figures;
  }

  @Override
  public void close() throws InterruptedException {
    keep(0);
    thread.shutdown();
    thread.awaitTermination(5, TimeUnit.SECONDS);
  }
}
