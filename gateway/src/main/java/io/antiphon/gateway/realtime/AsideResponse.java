package io.antiphon.gateway.realtime;

import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AnswerRequest;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.HistoryItem.Message;
import io.antiphon.gateway.conversation.HistoryItem.Role;
import io.antiphon.gateway.realtime.ResponseOutput.Cancelled;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A response out of band: a conversation of its own that lasts for one answer. It sees what its
 * request gives as input, and nothing of the session's conversation sees it. For one strand.
 */
final class AsideResponse implements CallListener {
  private final ResponseOutput response;
  private final AudioType format;
  private final Runnable over;
  private @Nullable CallSession session;

  /**
   * @param format of the answer's audio
   * @param over called once, when the response is done
   */
  AsideResponse(ResponseOutput response, AudioType format, Runnable over) {
    this.response = response;
    this.format = format;
    this.over = over;
  }

  /** Whether a request can be answered so: it gives what users and the system say, nothing else. */
  static boolean answers(AnswerRequest request) {
    return request.outOfBand()
        && request.input().stream().anyMatch(item -> said(item, Role.USER))
        && request.input().stream()
            .allMatch(item -> said(item, Role.USER) || said(item, Role.SYSTEM));
  }

  private static boolean said(HistoryItem item, Role role) {
    return item instanceof Message message && message.role() == role && !message.text().isBlank();
  }

  ResponseOutput response() {
    return response;
  }

  /**
   * @param opened a conversation that has not started
   * @param base the session's settings, from which the request may differ
   */
  void begin(CallSession opened, ConversationRequest base, AnswerRequest request) {
    session = opened;
    String told =
        request.input().stream()
            .filter(item -> said(item, Role.SYSTEM))
            .map(item -> ((Message) item).text())
            .collect(Collectors.joining("\n"));
    String instructions = request.instructions().orElse(base.instructions());
    opened.start(
        base.aside(
            response.speaks(),
            told.isEmpty()
                ? instructions
                : instructions == null ? told : instructions + "\n" + told,
            request.tools().orElse(base.tools()),
            request.toolChoice().orElse(base.toolChoice()),
            request.maximumNewPositions().orElse(base.maximumNewPositions())));
    List<HistoryItem> said =
        request.input().stream().filter(item -> said(item, Role.USER)).toList();
    said.forEach(item -> opened.addItem(item, null));
    opened.requestAnswer(AnswerRequest.of(request.tag()));
  }

  /** The client does not want it any more. */
  void cancel() {
    response.cancel(Cancelled.CLIENT_CANCELLED);
    finish();
  }

  /** Gives the conversation back. */
  void end() {
    if (session != null) {
      session.end();
      session = null;
    }
  }

  private void finish() {
    end();
    over.run();
  }

  private void fail(String code, String message) {
    response.fail(code, message);
    finish();
  }

  @Override
  public void answerStarted(int turn, @Nullable String tag) {}

  @Override
  public void text(int turn, String text, long offsetMillis) {
    response.text(text, offsetMillis);
  }

  @Override
  public void audio(int turn, AudioPiece piece) {
    response.audio(piece, format);
  }

  @Override
  public void toolCall(int turn, String callId, String name, String arguments) {
    response.toolCall(callId, name, arguments);
  }

  @Override
  public void answerEnded(int turn, AnswerEnd end) {
    response.end(end, Cancelled.CLIENT_CANCELLED);
    finish();
  }

  @Override
  public void answerRefused(String tag, String code, String message) {
    fail(code, message);
  }

  @Override
  public void refused(String reason, long retryAfterMillis) {
    fail("capacity", reason + "; try again in " + retryAfterMillis + " ms");
  }

  @Override
  public void failed(String code, String message, boolean terminal) {
    if (terminal) {
      fail(code, message);
    }
  }

  @Override
  public void lost(String message) {
    fail("conversation_lost", message);
  }
}
