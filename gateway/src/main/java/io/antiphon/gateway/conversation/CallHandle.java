package io.antiphon.gateway.conversation;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's hold on a conversation. When another connection goes on with it, what this one
 * still does is ignored. For the conversation's strand.
 */
final class CallHandle implements CallSession {
  private final TopicCall call;

  CallHandle(TopicCall call) {
    this.call = call;
  }

  private void held(Consumer<TopicCall> action) {
    if (call.heldBy(this)) {
      action.accept(call);
    }
  }

  @Override
  public String conversationId() {
    return call.conversationId();
  }

  @Override
  public boolean started() {
    return call.started();
  }

  @Override
  public @Nullable ConversationRequest settings() {
    return call.settings();
  }

  @Override
  public void start(ConversationRequest settings) {
    held(c -> c.start(settings));
  }

  @Override
  public void update(ConversationRequest settings) {
    held(c -> c.update(settings));
  }

  @Override
  public void audio(byte[] bytes) {
    held(c -> c.audio(bytes));
  }

  @Override
  public void endTurn() {
    held(TopicCall::endTurn);
  }

  @Override
  public void discardAudio() {
    held(TopicCall::discardAudio);
  }

  @Override
  public void requestAnswer(AnswerRequest request) {
    held(c -> c.requestAnswer(request));
  }

  @Override
  public void addItem(HistoryItem item, @Nullable String previousItemId) {
    held(c -> c.addItem(item, previousItemId));
  }

  @Override
  public void removeItem(String itemId) {
    held(c -> c.removeItem(itemId));
  }

  @Override
  public void toolResult(String callId, String result) {
    held(c -> c.toolResult(callId, result));
  }

  @Override
  public void played(int turn, long millis) {
    held(c -> c.played(turn, millis));
  }

  @Override
  public void interrupt() {
    held(TopicCall::interrupt);
  }

  @Override
  public void interrupt(int turn) {
    held(c -> c.interrupt(turn));
  }

  @Override
  public void key(char key) {
    held(c -> c.key(key));
  }

  @Override
  public void end() {
    held(TopicCall::end);
  }

  @Override
  public Optional<String> takeover(ConversationRequest settings) {
    return call.takeover(settings);
  }

  @Override
  public void detach() {
    held(TopicCall::detach);
  }
}
