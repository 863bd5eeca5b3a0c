package io.antiphon.chaos.callers;

import io.antiphon.chaos.ChaosException;
import io.antiphon.client.ConnectionException;
import io.antiphon.client.Transport;
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
public final class CallerPool implements AutoCloseable {
  private final Transport line;
  private final List<CallerScript> scripts;
  private final PauseGate gate = new PauseGate();
  private final ExecutorService threads;
  private final Queue<ReceivedConversation> conversations = new ConcurrentLinkedQueue<>();
  private final List<Future<?>> work = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean stopping;
  private volatile boolean impatient;

  public CallerPool(Transport line, int count, List<CallerScript> scripts) {
    this.line = line;
    this.scripts = scripts;
    this.threads = Executors.newFixedThreadPool(count);
  }

  /**
   * Holds every script once, undisturbed and as fast as it goes.
   *
   * @return the conversations, in the order of the scripts
   */
  public List<ReceivedConversation> baseline() throws InterruptedException {
    List<ReceivedConversation> baseline =
        scripts.stream()
            .map(script -> new ReceivedConversation(line, "calm-" + script.number(), script, gate))
            .toList();
    List<Future<?>> held =
        baseline.stream()
            .<Future<?>>map(conversation -> submit(() -> hold(conversation, false, List.of())))
            .toList();
    await(held);
    return baseline;
  }

  /**
   * Lets all callers speak in real time until {@link #finish()}.
   *
   * @param baseline the same scripts undisturbed, which tell where a caller must wait for a tool's
   *     call
   */
  public void begin(int count, List<ReceivedConversation> baseline) {
    for (int caller = 0; caller < count; caller++) {
      work.add(
          submit(
              () -> {
                boolean connected = true;
                while (connected && !stopping) {
                  int number = next.getAndIncrement();
                  ReceivedConversation conversation =
                      new ReceivedConversation(
                          line, "live-" + number, scripts.get(number % scripts.size()), gate);
                  conversations.add(conversation);
                  connected = hold(conversation, true, baseline);
                }
                return null;
              }));
    }
  }

  /** Lets every caller end the turn it is in. */
  public void finish() throws InterruptedException {
    stopping = true;
    awaitEnd();
  }

  /** Waits until every caller has ended, which without {@link #finish()} only lost ones do. */
  public void awaitEnd() throws InterruptedException {
    await(work);
  }

  /** CallerPool go on to their next question without waiting for the answer, or do so no longer. */
  public void hurry(boolean hurry) {
    impatient = hurry;
  }

  public PauseGate gate() {
    return gate;
  }

  /** All live conversations, those that are over too. */
  public List<ReceivedConversation> conversations() {
    return List.copyOf(conversations);
  }

  public int midSentence() {
    return (int) conversations.stream().filter(ReceivedConversation::midSentence).count();
  }

  public long duplicates() {
    return conversations.stream().mapToLong(ReceivedConversation::duplicates).sum();
  }

  /** Whether all that were owed something at a time have been heard again. */
  public boolean heardSince(long time) {
    return conversations.stream()
        .allMatch(conversation -> conversation.heardSince(time) || failed(conversation));
  }

  @Override
  public void close() {
    stopping = true;
    gate.open();
    threads.shutdownNow();
  }

  private static boolean failed(ReceivedConversation conversation) {
    return !conversation.problems().isEmpty();
  }

  /** Returns whether another conversation could be held; a line that has failed stays so. */
  private boolean hold(
      ReceivedConversation conversation, boolean live, List<ReceivedConversation> baseline)
      throws Exception {
    try (conversation) {
      new ScriptedCaller(line, conversation, live)
          .hold(
              () -> live && stopping, answer -> impatient && ends(baseline, conversation, answer));
      return true;
    } catch (ConnectionException e) {
      conversation.problem(e.getMessage());
      return false;
    }
  }

  /** Whether an answer calls no tool, so that the next question is the caller's own. */
  private static boolean ends(
      List<ReceivedConversation> baseline, ReceivedConversation conversation, int answer) {
    return !baseline.isEmpty()
        && baseline.get(conversation.script().number()).answers().get(answer).calls().isEmpty();
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
