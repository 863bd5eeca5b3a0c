package io.antiphon.chaos;

import io.antiphon.client.ConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** So many callers at once, each in one conversation after the other. Thread safe. */
final class Callers implements AutoCloseable {
  private final Line line;
  private final List<Script> scripts;
  private final Gate gate = new Gate();
  private final ExecutorService threads;
  private final Queue<Conversation> conversations = new ConcurrentLinkedQueue<>();
  private final List<Future<?>> work = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean stopping;
  private volatile boolean hasty;

  Callers(Line line, int count, List<Script> scripts) {
    this.line = line;
    this.scripts = scripts;
    this.threads = Executors.newFixedThreadPool(count);
  }

  /**
   * Holds every script once, undisturbed and as fast as it goes.
   *
   * @return the conversations, in the order of the scripts
   */
  List<Conversation> calm() throws InterruptedException {
    List<Conversation> calm =
        scripts.stream()
            .map(script -> new Conversation(line, "calm-" + script.number(), script, gate))
            .toList();
    List<Future<?>> held =
        calm.stream()
            .<Future<?>>map(conversation -> submit(() -> hold(conversation, false, List.of())))
            .toList();
    await(held);
    return calm;
  }

  /**
   * Lets all callers speak in real time until {@link #finish()}.
   *
   * @param calm the same scripts undisturbed, which tell where a caller must wait for a tool's call
   */
  void begin(int count, List<Conversation> calm) {
    for (int caller = 0; caller < count; caller++) {
      work.add(
          submit(
              () -> {
                boolean connected = true;
                while (connected && !stopping) {
                  int number = next.getAndIncrement();
                  Conversation conversation =
                      new Conversation(
                          line, "live-" + number, scripts.get(number % scripts.size()), gate);
                  conversations.add(conversation);
                  connected = hold(conversation, true, calm);
                }
                return null;
              }));
    }
  }

  /** Lets every caller end the turn it is in. */
  void finish() throws InterruptedException {
    stopping = true;
    awaitEnd();
  }

  /** Waits until every caller has ended, which without {@link #finish()} only lost ones do. */
  void awaitEnd() throws InterruptedException {
    await(work);
  }

  /** Callers go on to their next question without waiting for the answer, or do so no longer. */
  void hurry(boolean hurry) {
    hasty = hurry;
  }

  Gate gate() {
    return gate;
  }

  /** All live conversations, those that are over too. */
  List<Conversation> conversations() {
    return List.copyOf(conversations);
  }

  int midSentence() {
    return (int) conversations.stream().filter(Conversation::midSentence).count();
  }

  long duplicates() {
    return conversations.stream().mapToLong(Conversation::duplicates).sum();
  }

  /** Whether all that were owed something at a time have been heard again. */
  boolean heardSince(long time) {
    return conversations.stream()
        .allMatch(conversation -> conversation.heardSince(time) || failed(conversation));
  }

  @Override
  public void close() {
    stopping = true;
    gate.open();
    threads.shutdownNow();
  }

  private static boolean failed(Conversation conversation) {
    return !conversation.troubles().isEmpty();
  }

  /** Returns whether another conversation could be held; a line that has failed stays so. */
  private boolean hold(Conversation conversation, boolean live, List<Conversation> calm)
      throws Exception {
    try (conversation) {
      new Holding(line, conversation, live)
          .hold(() -> live && stopping, answer -> hasty && ends(calm, conversation, answer));
      return true;
    } catch (ConnectionException e) {
      conversation.trouble(e.getMessage());
      return false;
    }
  }

  /** Whether an answer calls no tool, so that the next question is the caller's own. */
  private static boolean ends(List<Conversation> calm, Conversation conversation, int answer) {
    return !calm.isEmpty()
        && calm.get(conversation.script().number()).answers().get(answer).calls().isEmpty();
  }

  private Future<?> submit(Callable<?> holding) {
    return threads.submit(holding);
  }

  private static void await(List<Future<?>> held) throws InterruptedException {
    for (Future<?> each : held) {
      try {
        each.get();
      } catch (ExecutionException e) {
        throw new ChaosException("a caller failed: " + e.getCause(), e.getCause());
      }
    }
  }
}
