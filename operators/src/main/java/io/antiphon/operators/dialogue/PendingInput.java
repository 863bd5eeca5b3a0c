package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.Clock;
import io.antiphon.operators.message.ConversationMessage.AnswerRequested;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.ItemAdded;
import io.antiphon.operators.message.ConversationMessage.ItemRemoved;
import io.antiphon.operators.message.ConversationMessage.KeyPressed;
import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationMessage.SettingsChanged;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.ToolAnswer;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Input that waits for the answer under way, in order and within bounds: so many questions and tool
 * results, the audio of those questions and of one turn more, so many turns without an answer.
 */
public final class PendingInput {
  /** Ends of turns that may wait, those included that only fail. */
  public static final int MAXIMUM_ENDS = 2048;

  /** Items, keys and settings that may wait. */
  public static final int MAXIMUM_CHANGES = 1024;

  private final int maximumTurns;
  private final Deque<Sequenced> queue = new ArrayDeque<>();

  /**
   * @param maximumTurns questions that may wait; as many tool results
   */
  public PendingInput(int maximumTurns) {
    this.maximumTurns = maximumTurns;
  }

  /**
   * Takes a message. A question too many fails in its place, without what it holds.
   *
   * @return null when it is taken, else why the caller is told that it is not
   */
  public @Nullable Failure add(Sequenced message) {
    if (message instanceof ToolAnswer result
        && count(ToolAnswer.class::isInstance) >= maximumTurns) {
      return new Failure(
          FailureCodes.TOO_MANY_WAITING,
          "the result of tool call '" + result.callId() + "' comes behind too many others");
    }
    if (message instanceof AnswerRequested
        && count(AnswerRequested.class::isInstance) >= maximumTurns) {
      return new Failure(
          FailureCodes.TOO_MANY_WAITING, maximumTurns + " requests for answers wait already");
    }
    if (changes(message) && count(PendingInput::changes) >= MAXIMUM_CHANGES) {
      return new Failure(
          FailureCodes.TOO_MANY_WAITING,
          MAXIMUM_CHANGES + " items, keys and settings wait already");
    }
    Sequenced taken = message;
    if (endsTurn(message)) {
      long ends = count(PendingInput::endsTurn);
      if (ends >= MAXIMUM_ENDS) {
        dropAudio();
        return new Failure(
            FailureCodes.TOO_MANY_WAITING,
            MAXIMUM_ENDS + " turns wait already; this one is forgotten");
      }
      if (!fails(message) && ends >= maximumTurns) {
        taken = refused(message);
      }
    }
    if (fails(taken) || taken instanceof UserTurnDropped) {
      dropAudio();
    }
    if (!(taken instanceof UserTurnDropped && queue.peekLast() instanceof UserTurnDropped)) {
      queue.add(taken);
    }
    return null;
  }

  private UserTurnEnded refused(Sequenced message) {
    return new UserTurnEnded(
        message.conversation(),
        Clock.nowMillis(),
        message instanceof UserTurnEnded ended ? ended.beganMillis() : -1,
        message instanceof UserTurnEnded ended ? ended.millis() : -1,
        new Failure(
            FailureCodes.TOO_MANY_WAITING, maximumTurns + " questions wait already, more may not"));
  }

  private static boolean endsTurn(Sequenced message) {
    return message instanceof TextTurn || message instanceof UserTurnEnded;
  }

  private static boolean changes(Sequenced message) {
    return message instanceof ItemAdded
        || message instanceof ItemRemoved
        || message instanceof KeyPressed
        || message instanceof SettingsChanged;
  }

  private static boolean fails(Sequenced message) {
    return message instanceof UserTurnEnded ended && ended.failure() != null;
  }

  private long count(Predicate<Sequenced> of) {
    return queue.stream().filter(of).count();
  }

  /** Forgets the waiting audio of the turn that is not over yet. */
  private void dropAudio() {
    while (queue.peekLast() instanceof Groups) {
      queue.pollLast();
    }
  }

  /** The next message, or null; it stays. */
  @Nullable Sequenced peek() {
    return queue.peek();
  }

  /** The next message, or null. */
  @Nullable Sequenced poll() {
    return queue.poll();
  }

  /** What is logged. */
  public List<Sequenced> log() {
    return List.copyOf(queue);
  }

  void restore(List<Sequenced> waiting) {
    queue.addAll(waiting);
  }
}
