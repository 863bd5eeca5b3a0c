package io.antiphon.operators.flink;

import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.ConversationMessage.Refused;
import io.antiphon.operators.message.ConversationMessage.SpeechStarted;
import io.antiphon.operators.message.ConversationMessage.SpeechStopped;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.settings.OperatorSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * A stage that works on some messages at the host, several at a time, and lets all messages of a
 * conversation leave in the order in which they came. Notices, which belong to no place in that
 * order, overtake; an interruption overtakes and comes a second time in its place.
 *
 * @param <S> what the stage carries from input to input within a turn
 */
public abstract class OrderedStageOperator<S>
    extends MailboxOperator<
        ConversationMessage, ConversationMessage, OrderedStageOperator.Lane<S>, StageState> {
  private static final long serialVersionUID = 1L;

  /** One conversation: its carry (null at the beginning of a turn) and what has not left yet. */
  public static final class Lane<S> {
    private final Deque<Slot> slots = new ArrayDeque<>();
    private S carry;

    public S carry() {
      return carry;
    }

    public void carry(S next) {
      carry = next;
    }
  }

  /** A place in the order: the message that came, and what leaves for it once it is there. */
  private static final class Slot {
    private final ConversationMessage request;
    private ConversationMessage result;

    Slot(ConversationMessage request) {
      this.request = request;
    }
  }

  protected OrderedStageOperator(
      StreamOperatorParameters<ConversationMessage> parameters,
      String stateName,
      OperatorSettings settings) {
    super(parameters, stateName, new StageStateSerializer(), settings);
  }

  /**
   * Turns an input into messages, in order; those for which {@link #work} gives something are
   * worked on before they leave. The carry is dropped afterwards when the input ends the turn.
   */
  protected abstract List<ConversationMessage> accept(Lane<S> lane, ConversationMessage input);

  /** Begins the host's work for a message; null for one that leaves as it is. */
  protected abstract CompletableFuture<ConversationMessage> work(ConversationMessage request);

  protected abstract byte[] save(S carry);

  protected abstract S load(byte[] carry);

  @Override
  protected final boolean waits(ConversationMessage input) {
    return !overtakes(input);
  }

  private static boolean overtakes(ConversationMessage input) {
    return leavesAtOnce(input) || input instanceof Interrupted;
  }

  /** What has no place in the order of turns. */
  private static boolean leavesAtOnce(ConversationMessage input) {
    return input instanceof Notice
        || input instanceof Refused
        || input instanceof ConversationMessage.KeyTold
        || input instanceof SpeechStarted
        || input instanceof SpeechStopped;
  }

  @Override
  protected final String conversation(ConversationMessage input) {
    return input.conversation();
  }

  @Override
  protected final Lane<S> make(String conversation) {
    return new Lane<>();
  }

  @Override
  protected final boolean over(Lane<S> lane) {
    return lane.slots.isEmpty() && lane.carry == null;
  }

  @Override
  protected final void process(Lane<S> lane, ConversationMessage input) {
    if (leavesAtOnce(input)) {
      emit(input);
      return;
    }
    if (input instanceof Interrupted && !lane.slots.isEmpty()) {
      // It stops at once what was asked for so far. It also keeps its place, for the turns that
      // are before it in the order and not yet asked for: the second time it ends those.
      emit(input);
    }
    for (ConversationMessage request : accept(lane, input)) {
      enqueue(input.conversation(), lane, request);
    }
    if (input instanceof UserTurnEnded
        || input instanceof UserTurnDropped
        || input instanceof Closed) {
      lane.carry = null;
    }
    advance(lane);
  }

  private void enqueue(String conversation, Lane<S> lane, ConversationMessage request) {
    Slot slot = new Slot(request);
    lane.slots.add(slot);
    CompletableFuture<ConversationMessage> work = work(request);
    if (work == null) {
      slot.result = request;
      return;
    }
    submit(
        conversation,
        work,
        result -> {
          slot.result = result;
          advance(lane);
        });
  }

  private void advance(Lane<S> lane) {
    while (!lane.slots.isEmpty() && lane.slots.peek().result != null) {
      emit(lane.slots.poll().result);
    }
  }

  @Override
  protected final StageState log(Lane<S> lane) {
    List<ConversationMessage> waiting = new ArrayList<>();
    for (Slot slot : lane.slots) {
      waiting.add(slot.request);
    }
    return new StageState(lane.carry == null ? null : save(lane.carry), List.copyOf(waiting));
  }

  @Override
  protected final Lane<S> restore(String conversation, StageState log) {
    Lane<S> lane = new Lane<>();
    lane.carry = log.carry() == null ? null : load(log.carry());
    for (ConversationMessage request : log.waiting()) {
      enqueue(conversation, lane, request);
    }
    return lane;
  }

  @Override
  protected final void release() {
    // Windows and groups under way end by themselves.
  }
}
