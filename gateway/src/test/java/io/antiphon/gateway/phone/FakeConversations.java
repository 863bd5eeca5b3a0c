package io.antiphon.gateway.phone;

import io.antiphon.gateway.conversation.AnswerRequest;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallRefusedException;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.conversation.ConversationPort;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.ResumePoint;
import io.antiphon.gateway.server.Strand;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Conversations that write down what a call does; what they answer, the test decides. */
final class FakeConversations implements ConversationPort {
  final List<Conversation> opened = new ArrayList<>();
  private final Consumer<Conversation> whenHeard;
  boolean full;

  FakeConversations() {
    this(conversation -> {});
  }

  /**
   * @param whenHeard called, on the strand, whenever audio came
   */
  FakeConversations(Consumer<Conversation> whenHeard) {
    this.whenHeard = whenHeard;
  }

  @Override
  public synchronized CallSession open(String tenant, Strand strand, CallListener listener)
      throws CallRefusedException {
    if (full) {
      throw new CallRefusedException("capacity", "all places are taken");
    }
    Conversation conversation = new Conversation("conversation-" + opened.size(), listener);
    opened.add(conversation);
    return conversation;
  }

  @Override
  public Optional<Strand> strandOf(String conversationId, String tenant) {
    return Optional.empty();
  }

  @Override
  public CallSession resume(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException {
    throw new CallRefusedException("unknown-conversation", "not here");
  }

  Conversation only() {
    if (opened.size() != 1) {
      throw new AssertionError(opened.size() + " conversations");
    }
    return opened.get(0);
  }

  final class Conversation implements CallSession {
    final CallListener listener;
    final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    /** What the call did beside speaking, one word and its arguments each. */
    final List<String> acts = new ArrayList<>();

    @Nullable ConversationRequest settings;
    int answers;
    private final String id;

    Conversation(String id, CallListener listener) {
      this.id = id;
      this.listener = listener;
    }

    @Override
    public String conversationId() {
      return id;
    }

    @Override
    public boolean started() {
      return settings != null;
    }

    @Override
    public @Nullable ConversationRequest settings() {
      return settings;
    }

    @Override
    public void start(ConversationRequest begun) {
      settings = begun;
    }

    @Override
    public void update(ConversationRequest changed) {
      settings = changed;
    }

    @Override
    public void audio(byte[] bytes) {
      heard.writeBytes(bytes);
      whenHeard.accept(this);
    }

    @Override
    public void endTurn() {
      acts.add("endTurn");
    }

    @Override
    public void discardAudio() {
      acts.add("discardAudio");
    }

    @Override
    public void requestAnswer(AnswerRequest request) {
      acts.add("requestAnswer");
    }

    @Override
    public void addItem(HistoryItem item, @Nullable String previousItemId) {
      acts.add("addItem " + item.id());
    }

    @Override
    public void removeItem(String itemId) {
      acts.add("removeItem " + itemId);
    }

    @Override
    public void toolResult(String callId, String result) {
      acts.add("toolResult " + callId);
    }

    @Override
    public void played(int turn, long millis) {
      acts.add("played " + turn + " " + millis);
    }

    @Override
    public void interrupt() {
      acts.add("interrupt");
    }

    @Override
    public void interrupt(int turn) {
      acts.add("interrupt " + turn);
    }

    @Override
    public void key(char key) {
      acts.add("key " + key);
    }

    @Override
    public void end() {
      acts.add("end");
    }

    @Override
    public Optional<String> takeover(ConversationRequest settings) {
      return Optional.empty();
    }

    @Override
    public void detach() {
      acts.add("detach");
    }
  }
}
