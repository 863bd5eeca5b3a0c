package io.antiphon.gateway;

import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AnswerRequest;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallRefusedException;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.conversation.ConversationPort;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.ResumePoint;
import io.antiphon.gateway.server.Routes;
import io.antiphon.gateway.server.Strand;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Listens in between a protocol and its conversations, changing nothing: what the callers' side
 * said and did, what the dataflow answered.
 */
final class OverheardCalls implements Protocol {
  private final Protocol protocol;
  final List<Call> calls = new CopyOnWriteArrayList<>();

  OverheardCalls(Protocol protocol) {
    this.protocol = protocol;
  }

  @Override
  public void install(Routes routes, GatewayContext context) {
    ConversationPort port = context.conversations();
    ConversationPort overheard =
        new ConversationPort() {
          @Override
          public CallSession open(String tenant, Strand strand, CallListener listener)
              throws CallRefusedException {
            Call call = new Call(listener);
            call.session = port.open(tenant, strand, call);
            calls.add(call);
            return call;
          }

          @Override
          public Optional<Strand> strandOf(String conversationId, String tenant) {
            return port.strandOf(conversationId, tenant);
          }

          @Override
          public CallSession resume(ResumePoint point, Strand strand, CallListener listener)
              throws CallRefusedException {
            return port.resume(point, strand, listener);
          }
        };
    protocol.install(
        routes,
        new GatewayContext(
            context.configuration(),
            overheard,
            context.access(),
            context.metrics(),
            context.workers(),
            context.clock()));
  }

  @Override
  public void close() {
    protocol.close();
  }

  /** One call. Written on its strand, read by the test when the call is over. */
  static final class Call implements CallListener, CallSession {
    private final CallListener listener;
    private @Nullable CallSession session;

    final ByteArrayOutputStream said = new ByteArrayOutputStream();
    final ByteArrayOutputStream answered = new ByteArrayOutputStream();
    final StringBuffer keys = new StringBuffer();
    final List<String> transcripts = new CopyOnWriteArrayList<>();
    final List<AnswerEnd> answers = new CopyOnWriteArrayList<>();

    /** The last report of how much of an answer was heard. */
    volatile long playedMillis = -1;

    volatile boolean ended;

    private Call(CallListener listener) {
      this.listener = listener;
    }

    private CallSession session() {
      if (session == null) {
        throw new IllegalStateException("not opened");
      }
      return session;
    }

    @Override
    public void speechStarted(long audioMillis) {
      listener.speechStarted(audioMillis);
    }

    @Override
    public void speechStopped(long audioMillis) {
      listener.speechStopped(audioMillis);
    }

    @Override
    public void turnTaken(int turn, long audioMillis) {
      listener.turnTaken(turn, audioMillis);
    }

    @Override
    public void noSpeech(int turn) {
      listener.noSpeech(turn);
    }

    @Override
    public void transcriptDelta(int turn, String text) {
      listener.transcriptDelta(turn, text);
    }

    @Override
    public void transcript(int turn, String text) {
      transcripts.add(text);
      listener.transcript(turn, text);
    }

    @Override
    public void answerStarted(int turn, @Nullable String tag) {
      listener.answerStarted(turn, tag);
    }

    @Override
    public void text(int turn, String text, long offsetMillis) {
      listener.text(turn, text, offsetMillis);
    }

    @Override
    public void audio(int turn, AudioPiece piece) {
      answered.writeBytes(piece.bytes());
      listener.audio(turn, piece);
    }

    @Override
    public void toolCall(int turn, String callId, String name, String arguments) {
      listener.toolCall(turn, callId, name, arguments);
    }

    @Override
    public void answerEnded(int turn, AnswerEnd end) {
      answers.add(end);
      listener.answerEnded(turn, end);
    }

    @Override
    public void answerRefused(String tag, String code, String message) {
      listener.answerRefused(tag, code, message);
    }

    @Override
    public void keyTaken(char key) {
      listener.keyTaken(key);
    }

    @Override
    public void refused(String reason, long retryAfterMillis) {
      listener.refused(reason, retryAfterMillis);
    }

    @Override
    public void failed(String code, String message, boolean terminal) {
      listener.failed(code, message, terminal);
    }

    @Override
    public void lost(String message) {
      listener.lost(message);
    }

    @Override
    public String conversationId() {
      return session().conversationId();
    }

    @Override
    public boolean started() {
      return session().started();
    }

    @Override
    public @Nullable ConversationRequest settings() {
      return session().settings();
    }

    @Override
    public void start(ConversationRequest settings) {
      session().start(settings);
    }

    @Override
    public void update(ConversationRequest settings) {
      session().update(settings);
    }

    @Override
    public void audio(byte[] bytes) {
      said.writeBytes(bytes);
      session().audio(bytes);
    }

    @Override
    public void endTurn() {
      session().endTurn();
    }

    @Override
    public void discardAudio() {
      session().discardAudio();
    }

    @Override
    public void requestAnswer(AnswerRequest request) {
      session().requestAnswer(request);
    }

    @Override
    public void addItem(HistoryItem item, @Nullable String previousItemId) {
      session().addItem(item, previousItemId);
    }

    @Override
    public void removeItem(String itemId) {
      session().removeItem(itemId);
    }

    @Override
    public void toolResult(String callId, String result) {
      session().toolResult(callId, result);
    }

    @Override
    public void played(int turn, long millis) {
      playedMillis = millis;
      session().played(turn, millis);
    }

    @Override
    public void interrupt() {
      session().interrupt();
    }

    @Override
    public void interrupt(int turn) {
      session().interrupt(turn);
    }

    @Override
    public void key(char key) {
      keys.append(key);
      session().key(key);
    }

    @Override
    public void end() {
      ended = true;
      session().end();
    }

    @Override
    public Optional<String> takeover(ConversationRequest settings) {
      return session().takeover(settings);
    }

    @Override
    public void detach() {
      session().detach();
    }
  }
}
