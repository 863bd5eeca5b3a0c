package io.antiphon.operators.input;

import io.antiphon.operators.flink.ConversationTimers;
import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.text.TurnEndings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Events to messages: order, decoding, turns. Whether a caller who pauses is done is judged by the
 * words so far, which the model writes down. Dead letters leave by the side output {@link
 * DeadLetters#TAG}.
 */
public final class InputOperator
    extends MailboxOperator<InboundEvent, EncoderInput, ConversationInput, InputState>
    implements Triggerable<String, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  /** Writes down what was said. */
  @FunctionalInterface
  public interface Transcription {
    /**
     * @param name for messages only
     * @param samples mono, 16 kHz, in -1 to 1
     * @return its text; a function of the samples alone
     */
    CompletableFuture<String> of(String name, float[] samples);
  }

  /** Makes the transcription of a TaskManager's host. */
  @FunctionalInterface
  public interface TranscriptionFactory extends Serializable {
    Transcription of(ModelHost host);
  }

  /** Ids that never began and were told so; beyond them some hear it again. */
  private static final int MOST_STRANGERS = 10_000;

  private final OperatorSettings settings;
  private final TranscriptionFactory transcriptions;
  private transient Transcription transcription;
  private transient @Nullable TurnEndings endings;
  private transient ConversationTimers timers;
  private transient Set<String> strangers;
  private transient Map<String, Counter> outcomes;
  private transient Counter ignoredRecords;

  /** When this run of the job began. */
  private transient long liveSince;

  public InputOperator(
      StreamOperatorParameters<EncoderInput> parameters,
      OperatorSettings settings,
      TranscriptionFactory transcriptions) {
    super(parameters, "conversation", new InputStateSerializer(), settings);
    this.settings = settings;
    this.transcriptions = transcriptions;
  }

  @Override
  public void open() throws Exception {
    strangers = new LinkedHashSet<>();
    outcomes = new HashMap<>();
    ignoredRecords = getMetricGroup().counter("ignoredRecords");
    timers =
        new ConversationTimers(
            getInternalTimerService("conversation", VoidNamespaceSerializer.INSTANCE, this));
    timers.forgetAll(this);
    liveSince = timers.now();
    super.open();
  }

  @Override
  protected void opened() {
    endings = host().bundle().turnEndings().orElse(null);
    transcription = transcriptions.of(host());
  }

  @Override
  protected void process(ConversationInput conversation, InboundEvent event) {
    conversation.accept(event, timers.now());
    if (!over(conversation)) {
      schedule(event.conversation(), conversation);
    }
  }

  /** A conversation has one pause at most that is judged. */
  @Override
  protected boolean waits(InboundEvent input) {
    return false;
  }

  /** A recording may come faster than its pauses are judged. */
  @Override
  protected boolean full(ConversationInput conversation) {
    return conversation.holdsMuch();
  }

  @Override
  protected String conversation(InboundEvent input) {
    return input.conversation();
  }

  /** Whoever sends to ids that never began leaves nothing behind. */
  @Override
  protected boolean over(ConversationInput conversation) {
    return conversation.unknown();
  }

  @Override
  protected void forgotten(String id, ConversationInput conversation) {
    timers.forget(id);
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
    String id = timer.getKey();
    timers.fired(id);
    ConversationInput conversation = find(id);
    if (conversation == null) {
      return;
    }
    if (conversation.due(timers.now())) {
      settle(id);
      schedule(id, conversation);
    } else {
      remove(id);
    }
  }

  /** Timers do not fire any more: nothing that was sent is lost for that. */
  @Override
  public void endInput() throws Exception {
    super.endInput(); // what was asked is told, and what is held behind it is used
    for (String id : List.copyOf(live().keySet())) {
      setCurrentKey(id);
      ConversationInput conversation = find(id);
      if (conversation != null) {
        conversation.finish();
      }
      settle(id);
    }
    super.endInput();
  }

  /**
   * A turn that cannot be written down is taken for finished; a host that has ended ends the task.
   */
  private void judge(String id, float[] turn) {
    TurnEndings known = Objects.requireNonNull(endings, "the bundle judges no turns");
    submit(
        id,
        transcription
            .of(id + " (turn)", turn)
            .handle(
                (text, error) -> {
                  Throwable cause = error instanceof CompletionException ? error.getCause() : error;
                  if (cause instanceof HostClosedException) {
                    throw new CompletionException(cause);
                  }
                  return text == null || known.finished(text);
                }),
        over -> {
          ConversationInput conversation = find(id);
          if (conversation != null) {
            conversation.judged(over);
            schedule(id, conversation);
          }
        });
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no event-time timer is ever set");
  }

  private void schedule(String id, ConversationInput conversation) {
    timers.schedule(id, conversation.deadline());
  }

  /** Whether an unknown conversation was told already; only so many are remembered. */
  private boolean toldBefore(String id) {
    boolean told = !strangers.add(id);
    if (strangers.size() > MOST_STRANGERS) {
      strangers.remove(strangers.iterator().next());
    }
    return told;
  }

  @Override
  protected ConversationInput make(String id) {
    return new ConversationInput(
        id,
        settings,
        host().admission(),
        host().speechDetector(),
        () -> host().speaks() ? Optional.of(host().voices()) : Optional.empty(),
        endings != null,
        timers.now(),
        new ConversationInput.Outlet() {
          @Override
          public void message(EncoderInput message) {
            if (message instanceof Notice notice) {
              ConversationInput conversation = find(id);
              if (conversation != null && conversation.isNew() && toldBefore(id)) {
                return;
              }
              count("notices", notice.failure().code());
            }
            emit(message);
          }

          @Override
          public void deadLetter(InboundRecord record, Failure failure) {
            count("deadLetters", failure.code());
            output.collect(
                DeadLetters.TAG,
                new StreamRecord<>(
                    DeadLetters.of(
                        record, failure.code(), failure.message(), settings.maximumRecordBytes())));
          }

          @Override
          public void judge(float[] turn) {
            InputOperator.this.judge(id, turn);
          }

          @Override
          public void ignored() {
            ignoredRecords.inc();
          }

          @Override
          public boolean live(InboundRecord record) {
            return record.timestamp() >= liveSince;
          }
        });
  }

  private void count(String group, String code) {
    outcomes
        .computeIfAbsent(
            group + "/" + code, key -> getMetricGroup().addGroup(group, code).counter("count"))
        .inc();
  }

  @Override
  protected InputState log(ConversationInput conversation) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      conversation.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return new InputState(bytes.toByteArray());
  }

  @Override
  protected ConversationInput restore(String id, InputState log) throws IOException {
    ConversationInput conversation = make(id);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(log.bytes()))) {
      conversation.load(in);
    }
    schedule(id, conversation);
    return conversation;
  }

  @Override
  protected void release() {
    live().values().forEach(ConversationInput::release);
  }
}
