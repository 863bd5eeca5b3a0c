package io.antiphon.operators;

import io.antiphon.operators.AnswerLog.Times;
import io.antiphon.operators.AnswerMessage.AnswerInterrupted;
import io.antiphon.operators.AnswerMessage.AnswersClosed;
import io.antiphon.operators.AnswerMessage.Text;
import io.antiphon.operators.ConversationMessage.Closed;
import io.antiphon.operators.ConversationMessage.Groups;
import io.antiphon.operators.ConversationMessage.Interrupted;
import io.antiphon.operators.ConversationMessage.Notice;
import io.antiphon.operators.ConversationMessage.Opened;
import io.antiphon.operators.ConversationMessage.Playback;
import io.antiphon.operators.ConversationMessage.Refused;
import io.antiphon.operators.ConversationMessage.TextTurn;
import io.antiphon.operators.ConversationMessage.ToolAnswer;
import io.antiphon.operators.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.ConversationMessage.UserTurnEnded;
import io.antiphon.runtime.Mode;
import io.antiphon.runtime.ModelHost;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.TextResponse;
import java.util.List;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * One conversation's questions and answers. Owns the context, the input that waits for the answer
 * under way, the numbers of turns and notices, and through its collaborators the answer under way,
 * the tool calls that wait for results and what the caller has heard.
 *
 * <p>Questions are answered strictly one after the other; every question has exactly one
 * TurnCompleted. Interruptions, playback reports and notices do not wait. All methods run on the
 * task thread.
 */
final class Dialogue {
  /** The turn of records that belong to no answer. */
  static final int NO_TURN = -1;

  /** The way out, and the way back from host threads. */
  interface Outlet {
    void message(AnswerMessage message);

    /** A generation is under way until {@link #finished()}. */
    void began();

    void finished();

    /** Runs an action on the task thread. Any thread. */
    void handOver(ThrowingRunnable<? extends Exception> action);
  }

  private final String id;
  private final ModelHost host;
  private final Outlet outlet;
  private final WaitingInput waiting;
  private final PendingCalls calls = new PendingCalls();
  private final Hearing hearing = new Hearing();
  private ConversationSettings settings;
  private DialogueContext context;
  private Answering answering;
  private int nextTurn;
  private long notices;
  private boolean interrupting;
  private boolean closed;

  Dialogue(String id, ModelHost host, int maximumWaitingTurns, Outlet outlet) {
    this.id = id;
    this.host = host;
    this.waiting = new WaitingInput(maximumWaitingTurns);
    this.outlet = outlet;
  }

  /** Whether everything is over and the dialogue can be forgotten. */
  boolean closed() {
    return closed;
  }

  void accept(ConversationMessage message) {
    if (message instanceof Notice notice) {
      if (notice.terminal()) {
        interrupt(); // what is told to be the end is the last that comes
      }
      tell(notice.failure(), notice.terminal());
    } else if (message instanceof Interrupted) {
      interrupt();
    } else if (message instanceof Refused refused) {
      tell(new ConversationRefused(refused.reason(), refused.retryAfterMillis()));
    } else if (message instanceof Playback playback) {
      hearing.played(playback, nextTurn - 1, audioMillis(playback.turn()));
      amend();
    } else {
      Failure refused = waiting.add(message);
      if (refused != null) {
        tell(refused, false);
      }
      advance();
    }
  }

  /** Works off what waits, up to the next question whose answer takes time. */
  private void advance() {
    while (!answers()) {
      ConversationMessage next = waiting.poll();
      if (next == null) {
        return;
      }
      handle(next);
    }
  }

  private void handle(ConversationMessage message) {
    if (message instanceof Opened opened) {
      open(opened.settings());
      context.begin();
    } else if (message instanceof Groups groups) {
      context.listen(groups);
      answering.listen(groups);
    } else if (message instanceof UserTurnDropped) {
      hush();
    } else if (message instanceof UserTurnEnded ended) {
      spoken(ended);
    } else if (message instanceof TextTurn turn) {
      ask(new Question.Written(turn.text()), Times.of(turn.at(), -1));
    } else if (message instanceof ToolAnswer result) {
      toolResult(result);
    } else if (message instanceof Closed) {
      close();
      outlet.message(new AnswersClosed(id));
    } else {
      throw new IllegalStateException("no rule for " + message.getClass());
    }
  }

  private void open(ConversationSettings asked) {
    settings = asked;
    context =
        new DialogueContext(
            id,
            host,
            asked.mode(),
            asked.mode() != Mode.TRANSCRIBE,
            asked.instructions(),
            asked.tools());
    answering = new Answering(id, asked, host, context, outlet, this::answered);
  }

  private boolean answers() {
    return answering != null && answering.answer() != null;
  }

  private void hush() {
    context.hush();
    answering.hush();
  }

  private void spoken(UserTurnEnded ended) {
    Times times = Times.of(ended.at(), Clock.nowMillis());
    Failure failure = ended.failure();
    if (failure == null && context.listeningCount() == 0 && !context.overflow()) {
      failure = new Failure(FailureCodes.EMPTY_TURN, "the turn's audio gives no group");
    }
    if (failure != null) {
      hush();
      next(null, times).fail(failure);
      return;
    }
    ask(null, times);
  }

  private void toolResult(ToolAnswer result) {
    if (!calls.take(result.callId(), result.result())) {
      tell(
          new Failure(
              FailureCodes.UNKNOWN_TOOL_CALL,
              "no tool call with id '" + result.callId() + "' waits for a result"),
          false);
    } else if (calls.complete()) {
      ask(new Question.ToolResults(calls.joined()), Times.of(result.at(), -1));
    }
  }

  private Answer next(Question question, Times times) {
    return new Answer(
        id, settings.tenant(), nextTurn++, question, times, host.bundle(), outlet::message);
  }

  /**
   * @param question null for what the caller has said
   */
  private void ask(Question question, Times times) {
    calls.clear();
    hearing.asked();
    Answer asked = next(question, times);
    Failure failure = refusal(question);
    if (failure == null && !prompt(question)) {
      failure =
          new Failure(
              FailureCodes.CONTEXT_LIMIT,
              "instructions, question and answer do not fit into the model's "
                  + context.capacity()
                  + " positions");
    }
    if (failure != null) {
      if (question == null) {
        hush();
      }
      asked.fail(failure);
      return;
    }
    asked.prompt(context.length(), question == null ? context.listeningCount() : 0);
    asked.begin(settings.speaks() ? settings.outputFormat() : null);
    if (interrupting) {
      answering.skip(asked);
    } else {
      answering.start(asked);
    }
  }

  private Failure refusal(Question question) {
    if (question != null && settings.mode() == Mode.TRANSCRIBE) {
      return new Failure(
          FailureCodes.NOTHING_TO_TRANSCRIBE, "this conversation transcribes speech only");
    }
    return null;
  }

  private boolean prompt(Question question) {
    return question == null ? context.askSpoken() : context.ask(question);
  }

  private void answered(Answer answer, FinishReason reason) {
    boolean interrupted = reason == FinishReason.INTERRUPTED;
    hearing.answered(answer, interrupted);
    context.answered(interrupted ? hearing.heard() : answer.text());
    if (!interrupted) {
      calls.expect(answer.calls().keySet());
      advance();
    }
  }

  private void amend() {
    String heard = answers() ? null : hearing.heard();
    if (heard != null) {
      context.amend(heard);
    }
  }

  /** Milliseconds of speech of an answer that may be heard now, 0 for any other. */
  private long audioMillis(int turn) {
    if (answers()) {
      return answering.answer().turn() == turn ? answering.answer().audioMillis() : 0;
    }
    LastAnswer last = hearing.last();
    return last != null && last.turn() == turn ? last.audioMillis() : 0;
  }

  /** Stops the answer under way and those that were asked for behind it. */
  private void interrupt() {
    if (context == null) {
      return;
    }
    outlet.message(new AnswerInterrupted(id, nextTurn - 1));
    if (answers()) {
      answering.interrupt();
    } else {
      hearing.interrupted();
      amend();
    }
    interrupting = true;
    advance();
    interrupting = false;
  }

  private void tell(Failure failure, boolean terminal) {
    tell(new ConversationFailed(failure.code(), failure.message(), terminal));
  }

  private void tell(Object notice) {
    outlet.message(new Text(id, new TextResponse(id, NO_TURN, notices++, notice)));
  }

  /** Gives everything back to the host. */
  void close() {
    closed = true;
    if (answering != null) {
      answering.close();
    }
    if (context != null) {
      context.close();
    }
  }

  DialogueLog log() {
    return new DialogueLog(
        settings,
        nextTurn,
        notices,
        context == null ? List.of() : context.rounds(),
        context == null ? List.of() : context.listening(),
        context != null && context.overflow(),
        waiting.log(),
        calls.log(),
        answers() ? answering.answer().log() : null,
        hearing.last(),
        hearing.playedTurn(),
        hearing.playedMillis());
  }

  /** Takes a log and goes on with the answer under way. */
  void restore(DialogueLog log) {
    nextTurn = log.nextTurn();
    notices = log.notices();
    waiting.restore(log.waiting());
    calls.restore(log.calls());
    hearing.restore(log);
    if (log.settings() == null) {
      return;
    }
    open(log.settings());
    context.restore(log.rounds(), log.listening(), log.overflow());
    answering.restore(log.listening());
    AnswerLog under = log.answer();
    if (under == null) {
      return;
    }
    Answer answer =
        new Answer(
            id,
            settings.tenant(),
            under.turn(),
            under.question(),
            under.times(),
            host.bundle(),
            outlet::message);
    if (!prompt(under.question())) {
      throw new IllegalStateException(
          "the prompt of conversation "
              + id
              + " does not fit any more: the context has become "
              + context.capacity()
              + " positions");
    }
    answer.prompt(context.length(), answer.spoken() ? context.listeningCount() : 0);
    answer.replay(under.steps());
    answer.end(under.end());
    answering.start(answer);
  }
}
