package io.antiphon.gateway.realtime;

import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AnswerRequest;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.conversation.ConversationPort;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.ResumePoint;
import io.antiphon.gateway.server.Strand;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.Usage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Conversations without a dataflow: keeps what the session does, tells what the test wants. */
final class FakePort implements ConversationPort {
  final List<FakeCall> calls = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger numbers = new AtomicInteger();

  @Override
  public CallSession open(String tenant, Strand strand, CallListener listener) {
    FakeCall call = new FakeCall("conv_0123456789" + numbers.incrementAndGet(), strand, listener);
    calls.add(call);
    return call;
  }

  @Override
  public Optional<Strand> strandOf(String conversationId, String tenant) {
    return Optional.empty();
  }

  @Override
  public CallSession resume(ResumePoint point, Strand strand, CallListener listener) {
    throw new UnsupportedOperationException();
  }

  FakeCall last() {
    return calls.get(calls.size() - 1);
  }

  /** One conversation. */
  static final class FakeCall implements CallSession {
    final String id;
    final Strand strand;
    final CallListener listener;
    final List<String> done = new ArrayList<>();
    final List<ConversationRequest> settings = new ArrayList<>();
    final List<AnswerRequest> requests = new ArrayList<>();
    final List<HistoryItem> items = new ArrayList<>();
    long audioBytes;
    boolean started;
    volatile boolean ended;

    FakeCall(String id, Strand strand, CallListener listener) {
      this.id = id;
      this.strand = strand;
      this.listener = listener;
    }

    /** Answers as the dataflow would. */
    void answer(int turn, @Nullable String tag, String text, byte[] audio) {
      listener.answerStarted(turn, tag);
      listener.text(turn, text, 0);
      listener.audio(turn, new AudioPiece(0, 0, audio, false));
      listener.audio(turn, new AudioPiece(1, 0, new byte[0], true));
      listener.answerEnded(turn, end(text, FinishReason.STOP, audio.length / 48));
    }

    static AnswerEnd end(String text, FinishReason reason, long audioMillis) {
      return new AnswerEnd(
          text,
          reason,
          new Usage(100, 10, 5, 25, 90),
          new StageLatencies(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
          audioMillis,
          reason == FinishReason.FAILED ? new AnswerEnd.Failure("empty-turn", "no audio") : null);
    }

    @Override
    public String conversationId() {
      return id;
    }

    @Override
    public boolean started() {
      return started;
    }

    @Override
    public void start(ConversationRequest asked) {
      started = true;
      settings.add(asked);
      done.add("start");
    }

    @Override
    public void update(ConversationRequest asked) {
      settings.add(asked);
      done.add("update");
    }

    @Override
    public void audio(byte[] bytes) {
      requireStarted();
      audioBytes += bytes.length;
    }

    @Override
    public void endTurn() {
      requireStarted();
      done.add("endTurn");
    }

    @Override
    public void discardAudio() {
      done.add("discardAudio");
    }

    @Override
    public void requestAnswer(AnswerRequest request) {
      requireStarted();
      requests.add(request);
      done.add("requestAnswer " + request.tag());
    }

    @Override
    public void addItem(HistoryItem item, @Nullable String previousItemId) {
      requireStarted();
      items.add(item);
      done.add("addItem " + item.id() + " after " + previousItemId);
    }

    @Override
    public void removeItem(String itemId) {
      done.add("removeItem " + itemId);
    }

    @Override
    public void toolResult(String callId, String result) {
      requireStarted();
      done.add("toolResult " + callId + " " + result);
    }

    @Override
    public void played(int turn, long millis) {
      done.add("played " + turn + " " + millis);
    }

    @Override
    public void interrupt() {
      done.add("interrupt");
    }

    @Override
    public void interrupt(int turn) {
      done.add("interrupt " + turn);
    }

    @Override
    public void key(char key) {
      done.add("key " + key);
    }

    @Override
    public @Nullable ConversationRequest settings() {
      return settings.isEmpty() ? null : settings.get(settings.size() - 1);
    }

    @Override
    public void end() {
      ended = true;
    }

    @Override
    public Optional<String> takeover(ConversationRequest settings) {
      return Optional.empty();
    }

    @Override
    public void detach() {
      ended = true;
    }

    private void requireStarted() {
      if (!started) {
        throw new IllegalStateException("not started");
      }
    }
  }
}
