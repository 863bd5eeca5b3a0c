package io.antiphon.gateway.conversation;

import io.antiphon.gateway.server.Strand;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioDiscarded;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.ItemAdded;
import io.antiphon.schemas.ItemRemoved;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A conversation on the topics. Where the dataflow answers no requests, what the caller said, wrote
 * or a tool gave is held back until an answer is asked for, because it would ask by itself.
 *
 * <p>For one strand; the receiver's methods are called by the topics' thread and only hand over.
 */
final class TopicCall implements Topics.Receiver {
  /** Bytes of audio in one record, a whole number of samples. */
  private static final int CHUNK = 64 * 1024;

  /** Who keeps the calls of this node. */
  interface Holder {
    /** Nobody listens, but somebody may come again. */
    void parked(TopicCall call);

    /** It is over. */
    void ended(TopicCall call);
  }

  private final String id;
  private final Topics topics;
  private final DataflowFeatures features;
  private final RecordWriter writer;
  private final Strand strand;
  private final Holder holder;
  private final TakeoverTokens tokens;
  private final int epoch;
  private CallListener listener;
  private @Nullable CallHandle current;
  private final Asks asks = new Asks();
  private AnswerOrder answers;
  private final List<HistoryItem.Message> heldTexts = new ArrayList<>();
  private final List<ToolResult> heldResults = new ArrayList<>();
  private @Nullable ConversationRequest settings;
  private boolean heldTurn;
  private boolean started;
  private boolean over;
  private boolean parked;
  private long sequence;

  /**
   * @param holder hears when nobody listens any more
   */
  TopicCall(
      String id,
      Topics topics,
      DataflowFeatures features,
      TakeoverTokens tokens,
      Strand strand,
      CallListener listener,
      Holder holder) {
    this.id = id;
    this.tokens = tokens;
    this.epoch = 0;
    this.topics = topics;
    this.features = features;
    this.writer = new RecordWriter(features);
    this.strand = strand;
    this.listener = listener;
    this.holder = holder;
    this.answers = new AnswerOrder(listener, 0, -1, asks, System::nanoTime);
  }

  /**
   * A conversation that another node began.
   *
   * @param epoch higher than that of every producer before
   */
  TopicCall(
      ResumePoint point,
      TakeoverTokens.Standing standing,
      int epoch,
      Topics topics,
      DataflowFeatures features,
      TakeoverTokens tokens,
      Strand strand,
      CallListener listener,
      Holder holder) {
    this.id = point.conversationId();
    this.tokens = tokens;
    this.epoch = epoch;
    this.topics = topics;
    this.features = features;
    this.writer = new RecordWriter(features);
    this.strand = strand;
    this.listener = listener;
    this.holder = holder;
    this.started = true;
    this.settings = ConversationRequest.takenOver(point.tenant(), standing);
    this.answers = from(point, listener);
  }

  private AnswerOrder from(ResumePoint point, CallListener newcomer) {
    return new AnswerOrder(
        newcomer,
        Math.max(0, point.turn()),
        point.turn() < 0 ? -1 : point.receivedMillis(),
        asks,
        System::nanoTime);
  }

  String conversationId() {
    return id;
  }

  boolean started() {
    return started;
  }

  void start(ConversationRequest asked) {
    if (over) {
      return;
    }
    if (started) {
      throw new IllegalStateException("conversation " + id + " has started");
    }
    started = true;
    settings = asked;
    send(writer.start(asked));
  }

  void update(ConversationRequest asked) {
    settings = asked;
    if (live() && features.settingsChanges()) {
      send(writer.change(asked));
    }
  }

  void audio(byte[] bytes) {
    if (!live()) {
      return;
    }
    for (int from = 0; from < bytes.length; from += CHUNK) {
      int length = Math.min(CHUNK, bytes.length - from);
      send(AudioChunk.newBuilder().setBytes(ByteBuffer.wrap(bytes, from, length).slice()).build());
    }
  }

  void endTurn() {
    if (!live()) {
      return;
    }
    if (features.answerRequests() || answersTurns()) {
      send(new TurnEnded());
    } else {
      heldTurn = true;
    }
  }

  void discardAudio() {
    if (live() && features.audioDiscarding()) {
      send(new AudioDiscarded());
    }
  }

  void requestAnswer(AnswerRequest request) {
    if (!live()) {
      return;
    }
    if (!heldResults.isEmpty() && !request.outOfBand()) {
      asks.byItself(new Asks.Ask(request.tag(), false));
      heldResults.forEach(this::send);
      heldResults.clear();
    } else if (features.answerRequests()) {
      asks.requested(sequence, request.tag());
      send(writer.request(request));
    } else if (request.outOfBand()) {
      listener.answerRefused(
          request.tag(), "unsupported", "Answers out of band are not served by this dataflow.");
    } else {
      askWithoutRequest(request);
    }
  }

  private void askWithoutRequest(AnswerRequest request) {
    if (heldTurn) {
      heldTurn = false;
      asks.byItself(new Asks.Ask(request.tag(), true));
      send(new TurnEnded());
    } else if (!heldTexts.isEmpty() || request.instructions().isPresent()) {
      String text =
          heldTexts.isEmpty()
              ? request.instructions().orElseThrow()
              : heldTexts.stream().map(HistoryItem.Message::text).collect(Collectors.joining("\n"));
      heldTexts.clear();
      asks.byItself(new Asks.Ask(request.tag(), false));
      send(new TextMessage(text));
    } else {
      listener.answerRefused(
          request.tag(), "nothing_to_answer", "There is nothing that could be answered.");
    }
  }

  void addItem(HistoryItem item, @Nullable String previousItemId) {
    if (!live()) {
      return;
    }
    if (features.history()) {
      send(
          new ItemAdded(
              writer.item(item), HistoryItem.ROOT.equals(previousItemId) ? "" : previousItemId));
    } else if (item instanceof HistoryItem.Message message
        && message.role() == HistoryItem.Role.USER) {
      heldTexts.add(message);
    }
  }

  void removeItem(String itemId) {
    heldTexts.removeIf(message -> message.id().equals(itemId));
    if (live() && features.history()) {
      send(new ItemRemoved(itemId));
    }
  }

  void toolResult(String callId, String result) {
    if (live()) {
      heldResults.add(new ToolResult(callId, result));
    }
  }

  void played(int turn, long millis) {
    if (live()) {
      send(new PlaybackAcknowledged(turn, millis));
    }
  }

  void interrupt() {
    if (live()) {
      send(Interrupted.newBuilder().build());
    }
  }

  void interrupt(int turn) {
    if (live()) {
      send(new Interrupted(turn));
    }
  }

  void key(char key) {
    if (live() && features.keys()) {
      send(KeyPressed.newBuilder().setKey(String.valueOf(key)).build());
    }
  }

  @Nullable ConversationRequest settings() {
    return settings;
  }

  Optional<String> takeover(ConversationRequest prospective) {
    if (!features.epochs()) {
      return Optional.empty();
    }
    ConversationRequest asked = settings == null ? prospective : settings;
    return Optional.of(
        tokens.make(
            new TakeoverTokens.Standing(
                id,
                epoch,
                asked.mode(),
                asked.inputFormat(),
                asked.outputFormat(),
                asked.turnTaking().answersTurns())));
  }

  void end() {
    if (over) {
      return;
    }
    if (started) {
      send(new ConversationEnded());
    }
    over = true;
    topics.forget(id);
    holder.ended(this);
  }

  void detach() {
    if (over || parked) {
      return;
    }
    if (!started) {
      end();
      return;
    }
    parked = true;
    topics.forget(id);
    holder.parked(this);
  }

  Strand strand() {
    return strand;
  }

  /** Whether nobody listens now. On the strand. */
  boolean parked() {
    return parked;
  }

  boolean over() {
    return over;
  }

  /** The first listener's hold. */
  CallSession handle() {
    current = new CallHandle(this);
    return current;
  }

  boolean heldBy(CallHandle handle) {
    return current == handle;
  }

  /**
   * A new listener takes the place of the one that was. On the strand; records are to be delivered
   * again from the point on.
   */
  CallSession attach(CallListener newcomer, ResumePoint point) {
    CallListener before = listener;
    boolean told = !parked;
    parked = false;
    listener = newcomer;
    current = new CallHandle(this);
    answers = from(point, newcomer);
    if (told) {
      before.lost("another connection goes on with the conversation");
    }
    return current;
  }

  private boolean live() {
    if (!started && !over) {
      throw new IllegalStateException("conversation " + id + " has not started");
    }
    return !over;
  }

  private boolean answersTurns() {
    return settings != null
        && (settings.turnTaking().answersTurns() || settings.mode() == Mode.TRANSCRIPTION);
  }

  private void send(Object body) {
    topics.send(new ConversationEvent(id, sequence++, System.currentTimeMillis(), epoch, body));
  }

  // ---- the topics' thread

  @Override
  public void text(TextResponse response) {
    handOver(() -> answers.text(response));
  }

  @Override
  public void speech(SpeechResponse response) {
    handOver(() -> answers.speech(response));
  }

  @Override
  public void lost(String message) {
    strand.force(
        () -> {
          if (!over && !parked) {
            listener.lost(message);
          }
        });
  }

  /** Delivers again what is in the topics; waits for no place on the strand. */
  Topics.Receiver replay() {
    return new Topics.Receiver() {
      @Override
      public void text(TextResponse response) {
        again(() -> answers.text(response));
      }

      @Override
      public void speech(SpeechResponse response) {
        again(() -> answers.speech(response));
      }

      @Override
      public void lost(String message) {
        TopicCall.this.lost(message);
      }

      private void again(Runnable task) {
        strand.force(
            () -> {
              if (!over && !parked) {
                task.run();
              }
            });
      }
    };
  }

  private void handOver(Runnable task) {
    boolean taken =
        strand.offer(
            () -> {
              if (!over && !parked) {
                task.run();
              }
            });
    if (!taken) {
      topics.forget(id);
      lost("the caller does not take what is answered");
    }
  }
}
