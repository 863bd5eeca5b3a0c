package io.antiphon.operators.flink;

import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.Control;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.Signal;
import io.antiphon.operators.message.ConversationMessage.StageWork;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.settings.OperatorSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.jspecify.annotations.Nullable;

/**
 * A stage that makes something of a turn's audio at the host, several pieces at a time, and lets
 * all messages of a conversation leave in the order in which they came. Signals, which have no
 * place in that order, overtake; an interruption overtakes and comes a second time in its place.
 *
 * @param <I> what it takes: audio in one form, and control messages
 * @param <W> a piece of audio that waits for the host
 * @param <O> what it gives: audio in the next form, and the same control messages
 * @param <S> what the stage carries from input to input within a turn
 */
public abstract class OrderedStageOperator<
        I extends ConversationMessage, W extends StageWork, O extends ConversationMessage, S>
    extends MailboxOperator<I, O, OrderedStageOperator.Lane<O, S>, StageState> {
  private static final long serialVersionUID = 1L;

  /** One conversation: its carry (null at the beginning of a turn) and what has not left yet. */
  public static final class Lane<O extends ConversationMessage, S> {
    private final String conversation;
    private final Deque<Slot<O>> slots = new ArrayDeque<>();
    private @Nullable S carry;

    private Lane(String conversation) {
      this.conversation = conversation;
    }

    public String conversation() {
      return conversation;
    }

    public @Nullable S carry() {
      return carry;
    }

    public void carry(@Nullable S next) {
      carry = next;
    }
  }

  /** A place in the order: what is logged for it, and what leaves for it once it is there. */
  private static final class Slot<O extends ConversationMessage> {
    private final ConversationMessage request;
    private @Nullable O result;

    Slot(ConversationMessage request) {
      this.request = request;
    }
  }

  private final Class<W> workType;
  private final Class<O> outputType;

  protected OrderedStageOperator(
      StreamOperatorParameters<O> parameters,
      String stateName,
      OperatorSettings settings,
      Class<W> workType,
      Class<O> outputType) {
    super(parameters, stateName, new StageStateSerializer(), settings);
    this.workType = workType;
    this.outputType = outputType;
  }

  /** Makes pieces of audio, for {@link #work} and {@link #leave}, in order. */
  protected abstract void listen(Lane<O, S> lane, I audio);

  /** The turn is over: makes pieces of what the lane carries of it, which is something. */
  protected void finish(Lane<O, S> lane) {}

  /** Begins the host's work for a piece of audio. */
  protected abstract CompletableFuture<? extends O> begin(W work);

  protected abstract byte[] save(S carry);

  protected abstract S load(byte[] carry);

  @Override
  protected final boolean waits(I input) {
    return !(input instanceof Signal || input instanceof Interrupted);
  }

  @Override
  protected final String conversation(I input) {
    return input.conversation();
  }

  @Override
  protected final Lane<O, S> make(String conversation) {
    return new Lane<>(conversation);
  }

  @Override
  protected final boolean over(Lane<O, S> lane) {
    return lane.slots.isEmpty() && lane.carry == null;
  }

  @Override
  protected final void process(Lane<O, S> lane, I input) {
    if (!(input instanceof Control)) {
      listen(lane, input);
    } else if (input instanceof Signal) {
      emit(outputType.cast(input));
    } else {
      pass(lane, outputType.cast(input));
    }
    advance(lane);
  }

  private void pass(Lane<O, S> lane, O control) {
    if (control instanceof Interrupted && !lane.slots.isEmpty()) {
      // It stops at once what was asked for so far. It also keeps its place, for the turns that
      // are before it in the order and not yet asked for: the second time it ends those.
      emit(control);
    }
    if (control instanceof UserTurnEnded ended && ended.failure() == null && lane.carry != null) {
      finish(lane);
    }
    leave(lane, control);
    if (control instanceof UserTurnEnded
        || control instanceof UserTurnDropped
        || control instanceof Closed) {
      lane.carry = null;
    }
  }

  /** A message leaves as it is, in its place. */
  protected final void leave(Lane<O, S> lane, O message) {
    Slot<O> slot = new Slot<>(message);
    slot.result = message;
    lane.slots.add(slot);
  }

  /** What the host makes of a piece leaves in its place. */
  protected final void work(Lane<O, S> lane, W piece) {
    Slot<O> slot = new Slot<>(piece);
    lane.slots.add(slot);
    submit(
        lane.conversation,
        begin(piece),
        result -> {
          slot.result = result;
          advance(lane);
        });
  }

  private void advance(Lane<O, S> lane) {
    for (Slot<O> next = lane.slots.peek(); next != null; next = lane.slots.peek()) {
      O result = next.result;
      if (result == null) {
        return;
      }
      lane.slots.poll();
      emit(result);
    }
  }

  @Override
  protected final StageState log(Lane<O, S> lane) {
    List<ConversationMessage> waiting = new ArrayList<>();
    for (Slot<O> slot : lane.slots) {
      waiting.add(slot.request);
    }
    return new StageState(lane.carry == null ? null : save(lane.carry), List.copyOf(waiting));
  }

  @Override
  protected final Lane<O, S> restore(String conversation, StageState log) {
    Lane<O, S> lane = new Lane<>(conversation);
    lane.carry = log.carry() == null ? null : load(log.carry());
    for (ConversationMessage request : log.waiting()) {
      if (request instanceof StageWork) {
        work(lane, workType.cast(request));
      } else {
        leave(lane, outputType.cast(request));
      }
    }
    return lane;
  }

  @Override
  protected final void release() {
    // Windows and groups under way end by themselves.
  }
}
