package io.antiphon.chaos.callers;

import io.antiphon.client.ConnectionException;
import io.antiphon.client.ResponseListener;
import io.antiphon.client.Transport;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.schemas.Usage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A line whose other end fails in every answer, and which breaks when told to. */
final class FakeTransport implements Transport {
  private final Map<String, ResponseListener> listeners = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();
  private final List<ConversationEvent> sent = new CopyOnWriteArrayList<>();
  private final Function<String, ConversationFailed> failures;
  private volatile String broken;

  /**
   * @param failures of all answers, by conversation
   */
  FakeTransport(Function<String, ConversationFailed> failures) {
    this.failures = failures;
  }

  /** Loses all that is sent from now on. */
  void breakWith(String reason) {
    broken = reason;
  }

  /** Events but for audio. */
  List<Object> sent() {
    return sent.stream()
        .map(ConversationEvent::getBody)
        .filter(body -> !(body instanceof AudioChunk))
        .toList();
  }

  @Override
  public AutoCloseable listen(String conversation, ResponseListener listener) {
    listeners.put(conversation, listener);
    return () -> listeners.remove(conversation);
  }

  @Override
  public void send(ConversationEvent event) {
    if (broken != null) {
      return;
    }
    sent.add(event);
    if (event.getBody() instanceof TurnEnded) {
      String id = event.getConversationId();
      int turn = turns.computeIfAbsent(id, each -> new AtomicInteger()).getAndIncrement();
      ConversationFailed failure = failures.apply(id);
      listeners.get(id).onText(new TextResponse(id, turn, 0L, failure));
      listeners.get(id).onText(new TextResponse(id, turn, 1L, failed()));
    }
  }

  @Override
  public void check() {
    if (broken != null) {
      throw new ConnectionException(broken, null);
    }
  }

  @Override
  public void flush() {
    check();
  }

  /** The end of an answer of which nothing was to be used. */
  static TurnCompleted failed() {
    return TurnCompleted.newBuilder()
        .setText("")
        .setFinishReason(FinishReason.FAILED)
        .setUsage(new Usage(1, 1, 1, 0, 0))
        .setLatencies(StageLatencies.newBuilder().build())
        .build();
  }
}
