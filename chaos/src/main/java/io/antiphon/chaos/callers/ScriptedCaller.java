package io.antiphon.chaos.callers;

import io.antiphon.client.ConnectionException;
import io.antiphon.client.ConversationHandle;
import io.antiphon.client.Pace;
import io.antiphon.client.Pacer;
import io.antiphon.client.Transport;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * Holds one conversation as its script says: speaks, listens to the end of the answer's playback,
 * speaks again. For one thread.
 */
public final class ScriptedCaller {
  /** How long an answer may take, whatever happens meanwhile. */
  private static final long PATIENCE_MILLIS = 300_000;

  private static final long PAUSE_MILLIS = 300;

  private final Transport transport;
  private final ReceivedConversation conversation;
  private final boolean live;

  /**
   * @param live speaks and listens in real time; otherwise as fast as the answers come
   */
  public ScriptedCaller(Transport transport, ReceivedConversation conversation, boolean live) {
    this.transport = transport;
    this.conversation = conversation;
    this.live = live;
  }

  /**
   * @param stop asked before each turn
   * @param impatient asked with the number of the latest answer: whether the caller goes on
   *     speaking without waiting for it
   * @throws ConnectionException if something was lost on the way, here or in another conversation
   */
  public void hold(BooleanSupplier stop, IntPredicate impatient) throws InterruptedException {
    send(conversation.script().start());
    List<Integer> open = new ArrayList<>();
    for (SpokenSample turn : conversation.script().turns()) {
      if (stop.getAsBoolean() || !conversation.problems().isEmpty()) {
        break;
      }
      long beganAt = System.nanoTime();
      speak(turn.samples());
      int answer = ask(beganAt, new TurnEnded());
      if (impatient.test(answer)) {
        open.add(answer);
      } else {
        listen(answer, turn.result());
      }
    }
    for (int answer : open) {
      await(answer);
    }
    send(new ConversationEnded());
    transport.flush();
  }

  /** Waits for an answer and those that follow tools' results. */
  private void listen(int first, String result) throws InterruptedException {
    int answer = first;
    while (await(answer)) {
      ReceivedAnswer heard = conversation.answers().get(answer);
      if (live) {
        Pacer.waitUntil(heard.playedAt() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
      }
      List<String> calls = heard.calls();
      if (calls.isEmpty()) {
        return;
      }
      for (String call : calls.subList(0, calls.size() - 1)) {
        send(new ToolResult(call, result));
      }
      answer = ask(System.nanoTime(), new ToolResult(calls.get(calls.size() - 1), result));
    }
  }

  /** A question that was lost explains why its answer does not come. */
  private boolean await(int answer) throws InterruptedException {
    boolean whole = conversation.await(answer, PATIENCE_MILLIS);
    transport.check();
    return whole;
  }

  private void speak(short[] samples) {
    conversation
        .handle()
        .speak(
            samples,
            SpokenSample.RATE,
            ConversationHandle.CHUNK_MILLIS,
            live ? Pace.REAL_TIME : Pace.IMMEDIATE);
  }

  /** The answer exists before anything of it can come. */
  private int ask(long beganAt, Object event) {
    int answer = conversation.asked(beganAt, event instanceof TurnEnded);
    send(event);
    return answer;
  }

  private void send(Object body) {
    transport.check();
    conversation.handle().send(body);
  }
}
