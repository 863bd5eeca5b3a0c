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
import io.antiphon.operators.ConversationMessage.TextTurn;
import io.antiphon.operators.ConversationMessage.ToolAnswer;
import io.antiphon.operators.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.ConversationMessage.UserTurnEnded;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.Mode;
import io.antiphon.runtime.ModelHost;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.TextResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * One conversation's questions and answers. Owns the context, the answer under way, the input that
 * waits for it, the turn numbers, the tool calls that wait for results and what was played of the
 * last answer.
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
  private final int maximumWaitingTurns;
  private final Outlet outlet;
  private final Deque<ConversationMessage> waiting = new ArrayDeque<>();
  private final Map<String, String> calls = new LinkedHashMap<>();
  private ConversationSettings settings;
  private DialogueContext context;
  private Transcript transcript;
  private Answer answer;
  private LastAnswer last;
  private int nextTurn;
  private long notices;
  private int playedTurn = NO_TURN;
  private long playedMillis;
  private boolean interrupting;
  private boolean closed;

  Dialogue(String id, ModelHost host, int maximumWaitingTurns, Outlet outlet) {
    this.id = id;
    this.host = host;
    this.maximumWaitingTurns = maximumWaitingTurns;
    this.outlet = outlet;
  }

  /** Whether everything is over and the dialogue can be forgotten. */
  boolean closed() {
    return closed;
  }

  void accept(ConversationMessage message) {
    if (message instanceof Notice notice) {
      tell(notice.failure(), notice.terminal());
    } else if (message instanceof Interrupted) {
      interrupt();
    } else if (message instanceof Playback playback) {
      played(playback);
    } else {
      waiting.add(bounded(message));
      advance();
    }
  }

  /** A question too many fails in its place, without what it holds. */
  private ConversationMessage bounded(ConversationMessage message) {
    if (!isQuestion(message)) {
      return message;
    }
    long questions = waiting.stream().filter(Dialogue::isQuestion).count();
    if (questions < maximumWaitingTurns) {
      return message;
    }
    return new UserTurnEnded(
        id,
        Clock.nowMillis(),
        new Failure(
            FailureCodes.TOO_MANY_WAITING,
            questions + " questions wait already, at most " + maximumWaitingTurns + " may"));
  }

  /** Works off what waits, up to the next question whose answer takes time. */
  private void advance() {
    while (answer == null && !waiting.isEmpty()) {
      handle(waiting.poll());
    }
  }

  private void handle(ConversationMessage message) {
    if (message instanceof Opened opened) {
      open(opened.settings());
    } else if (message instanceof Groups groups) {
      context.listen(groups);
      if (transcript != null) {
        transcript.listen(groups);
      }
    } else if (message instanceof UserTurnDropped) {
      hush();
    } else if (message instanceof UserTurnEnded ended) {
      spoken(ended);
    } else if (message instanceof TextTurn turn) {
      ask(new Question.Written(turn.text()), new Times(turn.at(), -1, -1, -1));
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
    if (asked.transcribeInput() && asked.mode() != Mode.TRANSCRIBE) {
      transcript = new Transcript(id, host, outlet, this::complete);
    }
  }

  private void hush() {
    context.hush();
    if (transcript != null) {
      transcript.hush();
    }
  }

  private void spoken(UserTurnEnded ended) {
    Times times = new Times(ended.at(), Clock.nowMillis(), -1, -1);
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
    if (!calls.containsKey(result.callId()) || calls.get(result.callId()) != null) {
      tell(
          new Failure(
              FailureCodes.UNKNOWN_TOOL_CALL,
              "no tool call with id '" + result.callId() + "' waits for a result"),
          false);
      return;
    }
    calls.put(result.callId(), result.result());
    if (!calls.containsValue(null)) {
      String results = String.join("\n", calls.values());
      ask(new Question.ToolResults(results), new Times(result.at(), -1, -1, -1));
    }
  }

  private Answer next(Question question, Times times) {
    return new Answer(id, nextTurn++, question, times, host.bundle(), outlet::message);
  }

  /**
   * @param question null for what the caller has said
   */
  private void ask(Question question, Times times) {
    calls.clear();
    last = null;
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
    answer = asked;
    asked.prompt(context.length(), question == null ? context.listeningCount() : 0);
    asked.begin(settings.speaks() ? settings.outputFormat() : null);
    if (interrupting) {
      if (transcript != null && question == null) {
        transcript.hush();
      }
      finish(FinishReason.INTERRUPTED);
    } else {
      generate();
    }
  }

  private Failure refusal(Question question) {
    if (question != null && settings.mode() == Mode.TRANSCRIBE) {
      return new Failure(
          FailureCodes.NOTHING_TO_TRANSCRIBE, "this conversation transcribes speech only");
    }
    return null;
  }

  private static boolean isQuestion(ConversationMessage message) {
    return message instanceof UserTurnEnded || message instanceof TextTurn;
  }

  private boolean prompt(Question question) {
    return question == null ? context.askSpoken() : context.ask(question);
  }

  /** Starts the answer's generation, or goes on with it after its known steps. */
  private void generate() {
    Answer asked = answer;
    if (asked.end() == null) {
      outlet.began();
      context.generate(
          GenerationRequests.of(id, settings, host.bundle().manifest(), context, asked),
          new GenerationListener() {
            @Override
            public void onStep(GenerationStep step) {
              take(asked, () -> asked.step(step));
            }

            @Override
            public void onFinished(GenerationEnd end) {
              take(
                  asked,
                  () -> {
                    asked.end(end);
                    outlet.finished();
                    complete();
                  });
            }

            @Override
            public void onFailed(Throwable error) {
              outlet.handOver(
                  () -> {
                    throw MailboxOperator.failed(error);
                  });
            }
          });
    }
    if (transcript != null && asked.spoken()) {
      transcript.begin(
          settings.seed(id), asked.turn(), settings.maximumNewPositions(host.bundle().manifest()));
    }
  }

  private void take(Answer asked, Runnable action) {
    outlet.handOver(
        () -> {
          if (answer == asked && asked.end() == null) {
            action.run();
          }
        });
  }

  /** Ends the answer when it and the transcript are there. */
  private void complete() {
    if (answer == null || answer.end() == null) {
      return;
    }
    if (transcript != null && answer.spoken() && !transcript.done()) {
      return;
    }
    finish(answer.end() == GenerationEnd.STOP ? FinishReason.STOP : FinishReason.LENGTH);
    advance();
  }

  private void finish(FinishReason reason) {
    Answer finished = answer;
    answer = null;
    finished.complete(reason, transcriptOf(finished, reason));
    if (reason == FinishReason.INTERRUPTED) {
      last = new LastAnswer(finished.turn(), finished.text(), finished.audioMillis(), true);
      context.answered(last.heard(played(finished.turn())));
      return;
    }
    last = new LastAnswer(finished.turn(), finished.text(), finished.audioMillis(), false);
    context.answered(finished.text());
    finished.calls().keySet().forEach(call -> calls.put(call, null));
  }

  private String transcriptOf(Answer finished, FinishReason reason) {
    if (!finished.spoken() || reason == FinishReason.INTERRUPTED) {
      return null;
    }
    if (settings.mode() == Mode.TRANSCRIBE) {
      return finished.text().strip();
    }
    return transcript == null || transcript.text().isEmpty() ? null : transcript.text();
  }

  private long played(int turn) {
    return playedTurn == turn ? playedMillis : -1;
  }

  private void played(Playback playback) {
    if (playback.turn() < playedTurn
        || (playback.turn() == playedTurn && playback.playedMillis() < playedMillis)) {
      return;
    }
    playedTurn = playback.turn();
    playedMillis = Math.max(0, playback.playedMillis());
    amend();
  }

  private void amend() {
    if (answer == null && last != null && last.interrupted()) {
      context.amend(last.heard(played(last.turn())));
    }
  }

  /** Stops the answer under way and those that were asked for behind it. */
  private void interrupt() {
    if (context == null) {
      return;
    }
    outlet.message(new AnswerInterrupted(id, nextTurn - 1));
    if (answer != null) {
      if (answer.end() == null) {
        context.cancel();
        outlet.finished();
      }
      if (transcript != null) {
        transcript.cancel();
      }
      finish(FinishReason.INTERRUPTED);
    } else if (last != null) {
      last = last.interruptedNow();
      amend();
    }
    interrupting = true;
    advance();
    interrupting = false;
  }

  private void tell(Failure failure, boolean terminal) {
    outlet.message(
        new Text(
            id,
            new TextResponse(
                id,
                NO_TURN,
                notices++,
                new ConversationFailed(failure.code(), failure.message(), terminal))));
  }

  /** Gives everything back to the host. */
  void close() {
    closed = true;
    if (transcript != null) {
      transcript.close();
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
        List.copyOf(waiting),
        new LinkedHashMap<>(calls),
        answer == null ? null : answer.log(),
        last,
        playedTurn,
        playedMillis);
  }

  /** Takes a log and goes on with the answer under way. */
  void restore(DialogueLog log) {
    nextTurn = log.nextTurn();
    notices = log.notices();
    waiting.addAll(log.waiting());
    calls.putAll(log.calls());
    last = log.last();
    playedTurn = log.playedTurn();
    playedMillis = log.playedMillis();
    if (log.settings() == null) {
      return;
    }
    open(log.settings());
    context.restore(log.rounds(), log.listening(), log.overflow());
    if (transcript != null) {
      transcript.restore(log.listening());
    }
    AnswerLog under = log.answer();
    if (under == null) {
      return;
    }
    answer =
        new Answer(
            id, under.turn(), under.question(), under.times(), host.bundle(), outlet::message);
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
    generate();
    outlet.handOver(this::complete); // it may have waited for a transcript that needs no time
  }
}
