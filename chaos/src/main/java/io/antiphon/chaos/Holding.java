package io.antiphon.chaos;

import io.antiphon.client.ConnectionException;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * Holds one conversation as its script says: speaks, listens to the end of the answer's playback,
 * speaks again. For one thread.
 */
final class Holding {
  /** How long an answer may take, whatever happens meanwhile. */
  private static final long PATIENCE_MILLIS = 300_000;

  private static final long CHUNK_MILLIS = 20;
  private static final long PAUSE_MILLIS = 300;

  private final Line line;
  private final Conversation conversation;
  private final boolean live;
  private long sequence;

  /**
   * @param live speaks and listens in real time; otherwise as fast as the answers come
   */
  Holding(Line line, Conversation conversation, boolean live) {
    this.line = line;
    this.conversation = conversation;
    this.live = live;
  }

  /**
   * @param stop asked before each turn
   * @param hasty asked with the number of the latest answer: whether the caller goes on speaking
   *     without waiting for it
   * @throws ConnectionException if something was lost on the way, here or in another conversation
   */
  void hold(BooleanSupplier stop, IntPredicate hasty) throws InterruptedException {
    send(conversation.script().start());
    List<Integer> open = new ArrayList<>();
    for (Sample turn : conversation.script().turns()) {
      if (stop.getAsBoolean() || !conversation.troubles().isEmpty()) {
        break;
      }
      long beganAt = System.nanoTime();
      speak(turn.samples());
      int answer = ask(beganAt, new TurnEnded());
      if (hasty.test(answer)) {
        open.add(answer);
      } else {
        listen(answer, turn.result());
      }
    }
    for (int answer : open) {
      await(answer);
    }
    send(new ConversationEnded());
    line.flush();
  }

  /** Waits for an answer and those that follow tools' results. */
  private void listen(int first, String result) throws InterruptedException {
    int answer = first;
    while (await(answer)) {
      Heard heard = conversation.answers().get(answer);
      if (live) {
        parkUntil(heard.playedAt() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
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
    line.check();
    return whole;
  }

  private void speak(short[] samples) {
    int chunk = (int) (Sample.RATE * CHUNK_MILLIS / 1000);
    long begin = System.nanoTime();
    for (int from = 0, count = 0; from < samples.length; from += chunk, count++) {
      if (live) {
        parkUntil(begin + TimeUnit.MILLISECONDS.toNanos(count * CHUNK_MILLIS));
      }
      ByteBuffer bytes = ByteBuffer.allocate(2 * chunk).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = from; i < Math.min(samples.length, from + chunk); i++) {
        bytes.putShort(samples[i]);
      }
      send(new AudioChunk(bytes.flip(), 0, -1L));
    }
  }

  /** The answer exists before anything of it can come. */
  private int ask(long beganAt, Object event) {
    int answer = conversation.asked(beganAt, event instanceof TurnEnded);
    send(event);
    return answer;
  }

  private void send(Object body) {
    line.check();
    line.send(
        new ConversationEvent(conversation.id(), sequence++, System.currentTimeMillis(), 0, body));
  }

  private static void parkUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
