package io.antiphon.operators.input;

import io.antiphon.operators.flink.ConversationTimers;
import io.antiphon.operators.flink.KeyedOperator;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.ModelHost;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Events to messages: order, decoding, turns. Dead letters leave by the side output {@link
 * DeadLetters#TAG}.
 */
public final class InputOperator
    extends KeyedOperator<InboundEvent, EncoderInput, ConversationInput, InputState>
    implements Triggerable<String, VoidNamespace>, BoundedOneInput {
  private static final long serialVersionUID = 1L;

  /** Ids that never began and were told so; beyond them some hear it again. */
  private static final int MOST_STRANGERS = 10_000;

  private final OperatorSettings settings;
  private transient ConversationTimers timers;
  private transient Set<String> strangers;
  private transient Map<String, Counter> outcomes;
  private transient Counter ignoredRecords;
  private transient ModelHost host;

  /** When this run of the job began. */
  private transient long liveSince;

  public InputOperator(
      StreamOperatorParameters<EncoderInput> parameters, OperatorSettings settings) {
    super(parameters, "conversation", new InputStateSerializer());
    this.settings = settings;
  }

  @Override
  public void open() throws Exception {
    strangers = new LinkedHashSet<>();
    outcomes = new HashMap<>();
    ignoredRecords = getMetricGroup().counter("ignoredRecords");
    host = settings.host().acquire();
    timers =
        new ConversationTimers(
            getInternalTimerService("conversation", VoidNamespaceSerializer.INSTANCE, this));
    timers.forgetAll(this);
    liveSince = timers.now();
    super.open();
  }

  @Override
  public void processElement(StreamRecord<InboundEvent> element) {
    InboundEvent event = element.getValue();
    String id = event.conversation();
    ConversationInput conversation = findOrMake(id);
    conversation.accept(event, timers.now());
    if (!over(conversation)) {
      schedule(id, conversation);
    }
    settle(id);
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
  public void endInput() {
    for (String id : List.copyOf(live().keySet())) {
      setCurrentKey(id);
      find(id).finish();
      settle(id);
    }
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
        host.admission(),
        host.speechDetector(),
        host::voices,
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
  public void close() throws Exception {
    try {
      if (host != null) {
        live().values().forEach(ConversationInput::release);
        host.close();
        host = null;
      }
    } finally {
      super.close();
    }
  }
}
