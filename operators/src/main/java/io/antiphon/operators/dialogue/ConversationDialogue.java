package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.AnswerTimes;
import io.antiphon.operators.message.Clock;
import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.AnswerRequested;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.DialogueInput;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.ItemAdded;
import io.antiphon.operators.message.ConversationMessage.ItemRemoved;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.ConversationMessage.Opened;
import io.antiphon.operators.message.ConversationMessage.Playback;
import io.antiphon.operators.message.ConversationMessage.Refused;
import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationMessage.SettingsChanged;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.ToolAnswer;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.message.OutputMessage.AnswerInterrupted;
import io.antiphon.operators.message.OutputMessage.AnswersClosed;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.message.PastItem;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.operators.message.ToolNames;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.IncompatibleBundleException;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.NoSpeech;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TextResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/**
 * One conversation's questions and answers. Owns the context, the input that waits for the answer
 * under way, the numbers of turns and notices, and through its collaborators the answer under way,
 * the tool calls that wait for results and what the caller has heard.
 *
 * <p>Questions are answered strictly one after the other; every question has exactly one
 * TurnCompleted. Interruptions, playback reports and notices do not wait. All methods run on the
 * task thread.
 */
public final class ConversationDialogue {
  private static final String LAST_KEY = "#";

  /** What the caller has just said. */
  private static final UserTurn SPOKEN = UserTurn.InContext.INSTANCE;

  /** The turn of records that belong to no answer. */
  public static final int NO_TURN = -1;

  /** The way out, and the way back from host threads. */
  interface Outlet {
    void message(OutputMessage message);

    /** A generation is under way until {@link #finished()}. */
    void began();

    void finished();

    /** Runs an action on the task thread. Any thread. */
    void handOver(ThrowingRunnable<? extends Exception> action);
  }

  /** What there is from its begin on; another with every change of settings or history. */
  private record Dialogue(
      ConversationSettings settings,
      Set<String> tools,
      PromptContext context,
      ActiveAnswer answering) {}

  private final String id;
  private final ModelHost host;
  private final Outlet outlet;
  private final PendingInput waiting;
  private final PendingToolCalls calls = new PendingToolCalls();
  private final PlaybackTracker hearing = new PlaybackTracker();
  private final Overlaps overlaps = new Overlaps();
  private final long minimumInterruptionMillis;
  private final long falseInterruptionMillis;

  /** Null until the conversation has begun. */
  private @Nullable Dialogue begun;

  private int nextTurn;
  private long notices;
  private @Nullable OwnContext own;
  private int keys;
  private long mediaMillis = -1;
  private boolean interrupting;
  private boolean remembered;
  private boolean closed;

  /**
   * @param notices written before, when the conversation was forgotten meanwhile
   */
  ConversationDialogue(
      String id, long notices, ModelHost host, OperatorSettings behaviour, Outlet outlet) {
    this.id = id;
    this.notices = notices;
    this.host = host;
    this.waiting = new PendingInput(behaviour.maximumWaitingTurns());
    this.minimumInterruptionMillis = behaviour.minimumInterruption().toMillis();
    this.falseInterruptionMillis = behaviour.falseInterruption().toMillis();
    this.outlet = outlet;
  }

  /** Notices written so far. */
  long notices() {
    return notices;
  }

  /**
   * Whether the dialogue can be forgotten: everything is over, or nothing but notices came for a
   * conversation that never began.
   */
  boolean over() {
    return closed || !remembered;
  }

  void accept(DialogueInput message) {
    remembered |= !(message instanceof Notice);
    if (message instanceof Notice notice) {
      if (notice.terminal()) {
        interrupt(); // what is told to be the end is the last that comes
      }
      tell(notice.failure(), notice.terminal(), notice.eventSequence());
    } else if (message instanceof Interrupted interrupted) {
      if (interrupted.turn() == Interrupted.ALL_TURNS) {
        interrupted();
      } else {
        interrupt(interrupted.turn());
      }
    } else if (message instanceof Refused refused) {
      tell(new ConversationRefused(refused.reason(), refused.retryAfterMillis()));
    } else if (message instanceof ConversationMessage.SpeechStarted speech) {
      mediaMillis = speech.millis();
      speechStarted(speech.millis());
    } else if (message instanceof ConversationMessage.Quiet quiet) {
      mediaMillis = quiet.millis();
      quiet();
    } else if (message instanceof ConversationMessage.KeyTold key) {
      tell(new io.antiphon.schemas.KeyPressed(key.key(), 0, key.millis()));
    } else if (message instanceof ConversationMessage.SpeechStopped speech) {
      mediaMillis = speech.millis();
      if (overlaps.untold() == null) {
        tell(new SpeechStopped(0, speech.millis()));
      }
    } else if (message instanceof Playback playback) {
      hearing.played(playback, nextTurn - 1, audioMillis(playback.turn()));
      amend();
    } else if (message instanceof UserTurnEnded ended && ended.failure() == null) {
      Overlap overlap = overlaps.ended(ended.beganMillis());
      if (overlap == null || meant(overlap, ended)) {
        take(ended);
      } else {
        take(new UserTurnDropped(id));
        resume(overlap, ended);
      }
    } else if (message instanceof Sequenced next) {
      take(next);
    } else {
      throw new IllegalStateException("no rule for " + message.getClass());
    }
  }

  private void take(Sequenced message) {
    Failure refused = waiting.add(message);
    if (refused != null) {
      tell(refused, false);
    }
    advance();
  }

  private void speechStarted(long millis) {
    TurnSettings turns = begun == null ? TurnSettings.MANUAL : settings().turns();
    boolean over = answers() || hearing.mayBeHeard(millis, turns.silenceMillis());
    if (turns.interruptsAnswer() && over) {
      boolean told = minimumInterruptionMillis == 0;
      overlaps.began(millis, told);
      if (!told) {
        return; // it may be a backchannel, of which the caller's side shall not hear
      }
    }
    tell(new SpeechStarted(0, millis));
  }

  private void interrupted() {
    Overlap overlap = overlaps.untold();
    if (overlap != null) {
      overlaps.tell();
      tell(new SpeechStarted(0, overlap.beganMillis()));
    }
    interrupt();
    if (hearing.last() != null) {
      overlaps.stopped(hearing.last().turn());
    }
  }

  /** Whether speech over an answer is a turn: not a backchannel, and no false interruption. */
  private boolean meant(Overlap overlap, UserTurnEnded ended) {
    return overlap.told()
        && (overlap.stoppedTurn() == NO_TURN
            || ended.millis() - ended.beganMillis() >= falseInterruptionMillis);
  }

  /** Goes on with the answer that was stopped by what was no speech, from what was heard of it. */
  private void resume(Overlap overlap, UserTurnEnded ended) {
    if (!overlap.told()) {
      return; // nothing was stopped
    }
    tell(new NoSpeech(0));
    PlayedAnswer last = hearing.last();
    if (busy() || last == null || last.turn() != overlap.stoppedTurn() || !calls.isEmpty()) {
      return;
    }
    RequestedAnswer request = last.made().request();
    if (context().lastTurn() != last.turn()
        || (request != null && (request.apart() || request.toolChoice() != null))) {
      return; // something came in between, or how it was asked for is gone
    }
    AnswerState stopped = last.made();
    int silence = settings().turns().silenceMillis();
    int from = unheard(stopped, hearing.heardMillis(overlap.beganMillis(), silence));
    if (from == stopped.steps().size() && stopped.end() != null) {
      return; // all of it was heard
    }
    UserTurn question = context().takeBack();
    if (question == null) {
      return;
    }
    if (question instanceof UserTurn.Spoken spoken) {
      Groups groups = new Groups(id, spoken.groups(), spoken.count());
      context().listen(groups);
      answering().listen(groups);
      question = SPOKEN;
    }
    ask(
        question,
        -1,
        AnswerTimes.of(ended.at(), Clock.nowMillis()),
        new Resumption(stopped.drawnTurn(), from, ended.millis() + silence),
        stopped,
        null);
  }

  /** The first step of an answer of which not all was heard. */
  private int unheard(AnswerState stopped, long heardMillis) {
    if (!settings().speaks()) {
      return stopped.steps().size(); // read as it was made
    }
    Manifest manifest = host.bundle().manifest();
    long tokens = heardMillis * manifest.audio().tokenRate() / 1000;
    int at = stopped.from();
    for (; tokens > 0 && at < stopped.steps().size(); at++) {
      tokens -= AnswerBuilder.audible(stopped.steps().get(at), manifest).length;
      if (tokens < 0) {
        break;
      }
    }
    return at;
  }

  /** Works off what waits, up to the next question whose answer takes time. */
  private void advance() {
    while (!answers()) {
      Sequenced next = waiting.peek();
      if (next == null || (busy() && !mayOvertake(next))) {
        return;
      }
      waiting.poll();
      handle(next);
    }
  }

  /** Whether an answer is under way or the transcript of a turn without one. */
  private boolean busy() {
    return answers() || (begun != null && answering().kept() != null);
  }

  /** Whether a message need not wait for the transcript of a turn that was kept. */
  private static boolean mayOvertake(Sequenced next) {
    return next instanceof AnswerRequested asked && !asked.request().apart();
  }

  private void handle(Sequenced message) {
    if (message instanceof Opened opened) {
      open(opened.settings());
      context().begin();
    } else if (message instanceof Groups groups) {
      listen(groups);
    } else if (message instanceof UserTurnDropped) {
      hush();
    } else if (message instanceof UserTurnEnded ended) {
      spoken(ended);
    } else if (message instanceof TextTurn turn) {
      written(turn);
    } else if (message instanceof AnswerRequested asked) {
      request(asked.request(), asked.at());
    } else if (message instanceof ItemAdded added) {
      add(added);
    } else if (message instanceof ItemRemoved removed) {
      if (!context().remove(removed.itemId())) {
        tell(unknownItem(removed.itemId()), false);
      }
    } else if (message instanceof ConversationMessage.KeyPressed key) {
      press(key.key());
    } else if (message instanceof SettingsChanged changed) {
      if (!changed.settings().equals(settings())) {
        open(changed.settings(), context().rounds());
        context().begin();
      }
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
    Set<String> tools =
        ToolNames.of(
            asked.tools() == null
                ? host.bundle().manifest().prompt().orElseThrow().tools()
                : asked.tools());
    PromptContext context =
        new PromptContext(
            id,
            host,
            asked.mode(),
            asked.mode() != GenerationMode.TRANSCRIBE,
            asked.instructions(),
            asked.tools());
    ActiveAnswer answering =
        new ActiveAnswer(
            id,
            asked,
            host,
            context,
            outlet,
            new ActiveAnswer.Listener() {
              @Override
              public void answered(AnswerBuilder answer, FinishReason reason) {
                ConversationDialogue.this.answered(answer, reason);
              }

              @Override
              public void transcribed() {
                advance();
              }
            });
    begun = new Dialogue(asked, tools, context, answering);
  }

  /** Goes on in another context: with other settings or another history. */
  private void open(ConversationSettings asked, List<Exchange> rounds) {
    List<Groups> listening = context().listening();
    boolean overflow = context().overflow();
    answering().close();
    context().close();
    open(asked);
    context().restore(rounds, listening, overflow);
    answering().restore(listening);
  }

  private Dialogue begun() {
    return Objects.requireNonNull(begun, "the conversation has not begun");
  }

  private ConversationSettings settings() {
    return begun().settings();
  }

  private PromptContext context() {
    return begun().context();
  }

  private ActiveAnswer answering() {
    return begun().answering();
  }

  private boolean answers() {
    return underWay() != null;
  }

  private @Nullable AnswerBuilder underWay() {
    return begun == null ? null : answering().answer();
  }

  private void hush() {
    context().hush();
    answering().hush();
  }

  /**
   * A turn that grows beyond the context is told when it does: the caller may still be speaking.
   */
  private void listen(Groups groups) {
    boolean fits = context().listen(groups);
    if (fits) {
      answering().listen(groups);
      return;
    }
    answering().hush();
    AnswerBuilder failed =
        next(SPOKEN, -1, null, null, AnswerTimes.of(Clock.nowMillis(), Clock.nowMillis()));
    failed.announce();
    failed.fail(tooLong("; audio is ignored until the turn ends"));
  }

  private Failure tooLong(String more) {
    return new Failure(
        FailureCodes.CONTEXT_LIMIT,
        "instructions, question and answer do not fit into the model's "
            + context().capacity()
            + " positions"
            + more);
  }

  private void spoken(UserTurnEnded ended) {
    if (context().overflow()) {
      hush(); // it was told already
      return;
    }
    AnswerTimes times = AnswerTimes.of(ended.at(), Clock.nowMillis());
    Failure failure = ended.failure();
    if (failure == null && context().listeningCount() == 0) {
      failure = new Failure(FailureCodes.EMPTY_TURN, "the turn's audio gives no group");
    }
    if (!settings().turns().answersTurns()) {
      keep(ended, times, failure);
      return;
    }
    if (failure != null) {
      hush();
      AnswerBuilder failed = next(SPOKEN, ended.millis(), null, null, times);
      failed.announce();
      failed.fail(failure);
      return;
    }
    ask(SPOKEN, ended.millis(), times);
  }

  /** Keeps a spoken turn for an answer that is asked for. */
  private void keep(UserTurnEnded ended, AnswerTimes times, @Nullable Failure failure) {
    AnswerBuilder kept = next(SPOKEN, ended.millis(), null, null, times);
    kept.keep();
    if (failure != null) {
      hush();
      kept.unusable(failure);
    } else if (context().keepSpoken(kept.turn())) {
      answering().keep(kept);
    } else {
      hush();
      kept.unusable(tooLong(""));
    }
  }

  private void written(TextTurn turn) {
    UserTurn question = new UserTurn.Written(turn.text());
    AnswerTimes times = AnswerTimes.of(turn.at(), -1);
    if (settings().turns().answersTurns()) {
      ask(question, -1, times);
      return;
    }
    AnswerBuilder kept = next(question, -1, null, null, times);
    kept.keep();
    context().add(new Exchange(question, null, kept.turn(), ""), null);
  }

  private void add(ItemAdded added) {
    PastItem item = added.item();
    if (!item.id().isEmpty() && context().holds(item.id())) {
      tell(
          new Failure(
              FailureCodes.DUPLICATE_ITEM,
              "the item '" + item.id() + "' is in the history already"),
          false);
    } else if (!context().add(exchange(item), added.previousId())) {
      tell(unknownItem(String.valueOf(added.previousId())), false);
    }
  }

  private static Failure unknownItem(String id) {
    return new Failure(FailureCodes.UNKNOWN_ITEM, "no item '" + id + "' is in the history");
  }

  private Exchange exchange(PastItem item) {
    return switch (item.kind()) {
      case SYSTEM ->
          new Exchange(new UserTurn.SystemMessage(item.text()), null, NO_TURN, item.id());
      case USER -> new Exchange(new UserTurn.Written(item.text()), null, NO_TURN, item.id());
      case TOOL_RESULT ->
          new Exchange(new UserTurn.ToolResults(item.text()), null, NO_TURN, item.id());
      case ASSISTANT -> said(item.id(), item.text());
      case TOOL_CALL ->
          said(item.id(), ToolCallScanner.write(host.bundle().prompts(), item.name(), item.text()));
    };
  }

  private static Exchange said(String id, String text) {
    return new Exchange(new UserTurn.Requested(QuestionType.WRITTEN, null), text, NO_TURN, id);
  }

  /** Keys become a message of the caller's; a run that ends with # is answered. */
  private void press(String key) {
    if (!context().press(key)) {
      context()
          .add(
              new Exchange(new UserTurn.Written(key), null, NO_TURN, PromptContext.KEYS + keys++),
              null);
    }
    if (key.equals(LAST_KEY)
        && settings().turns().answersTurns()
        && settings().mode() != GenerationMode.TRANSCRIBE) {
      request(RequestedAnswer.BY_ITSELF, Clock.nowMillis());
    }
  }

  /** Speaks, because nobody did since the last answer. */
  private void quiet() {
    if (begun == null || settings().turns().idleTimeoutMillis() == 0) {
      return;
    }
    long end = hearing.endMillis(settings().turns().silenceMillis());
    if (end >= 0
        && mediaMillis >= end + settings().turns().idleTimeoutMillis()
        && !busy()
        && calls.isEmpty()
        && context().listeningCount() == 0) {
      request(RequestedAnswer.BY_ITSELF, Clock.nowMillis());
    }
  }

  private void request(RequestedAnswer request, double at) {
    if (settings().mode() == GenerationMode.TRANSCRIBE) {
      tell(
          new Failure(
              FailureCodes.NOTHING_TO_TRANSCRIBE, "this conversation transcribes speech only"),
          false);
      return;
    }
    if (request.apart()) {
      boolean elsewhere = request.outOfBand() || request.input() != null;
      List<Exchange> rounds = context().rounds();
      own = new OwnContext(settings(), elsewhere ? rounds : null);
      open(
          settings().with(request),
          request.input() == null ? rounds : request.input().stream().map(this::exchange).toList());
    }
    ask(context().unanswered(), -1, AnswerTimes.of(at, -1), null, null, request);
  }

  /** Goes back behind an answer that was made apart. */
  private void comeBack(int turn, boolean outOfBand) {
    if (own == null) {
      return;
    }
    OwnContext before = own;
    own = null;
    List<Exchange> made = context().rounds();
    List<Exchange> rounds = new ArrayList<>(before.rounds() == null ? made : before.rounds());
    if (before.rounds() != null && !outOfBand) {
      made.stream().filter(each -> each.turn() == turn).forEach(rounds::add);
    }
    open(before.settings(), rounds);
    context().begin();
  }

  private void toolResult(ToolAnswer result) {
    if (!calls.take(result.callId(), result.result())) {
      tell(
          new Failure(
              FailureCodes.UNKNOWN_TOOL_CALL,
              "no tool call with id '" + result.callId() + "' waits for a result"),
          false);
    } else if (calls.complete()) {
      ask(new UserTurn.ToolResults(calls.joined()), -1, AnswerTimes.of(result.at(), -1));
    }
  }

  private AnswerBuilder next(
      UserTurn question,
      long takenMillis,
      @Nullable Resumption resumed,
      @Nullable RequestedAnswer request,
      AnswerTimes times) {
    return new AnswerBuilder(
        id,
        settings(),
        begun().tools(),
        nextTurn++,
        question,
        takenMillis,
        resumed,
        request,
        opening(request),
        mediaMillis,
        times,
        host.bundle(),
        outlet::message);
  }

  /** With what the text of an answer begins, where a tool must be called. */
  private String opening(@Nullable RequestedAnswer request) {
    String choice = settings().toolChoice(request);
    if (choice == null) {
      return "";
    }
    Set<String> tools = begun().tools();
    boolean open = choice.equals(ConversationSettings.REQUIRED);
    String name = !open ? choice : tools.size() == 1 ? tools.iterator().next() : null;
    return ToolCallScanner.opening(host.bundle().prompts(), name);
  }

  /**
   * @param takenMillis where the speech detector ended the turn, else -1
   */
  private void ask(UserTurn question, long takenMillis, AnswerTimes times) {
    ask(question, takenMillis, times, null, null, null);
  }

  /**
   * @param resumed which answer the new one goes on with, null for none
   * @param stopped that answer
   * @param request that asks, null for a turn that is answered by itself
   */
  private void ask(
      UserTurn question,
      long takenMillis,
      AnswerTimes times,
      @Nullable Resumption resumed,
      @Nullable AnswerState stopped,
      @Nullable RequestedAnswer request) {
    boolean outOfBand = request != null && request.outOfBand();
    if (!outOfBand) {
      calls.clear();
      hearing.asked();
    }
    AnswerBuilder asked = next(question, takenMillis, resumed, request, times);
    asked.announce();
    Failure failure = refusal(question, request);
    if (failure == null && !context().ask(question, opening(request))) {
      failure = tooLong("");
    }
    if (failure != null) {
      if (asked.spoken()) {
        hush();
      }
      asked.fail(failure);
      comeBack(asked.turn(), outOfBand);
      return;
    }
    asked.prompt(context().length(), asked.spoken() ? context().listeningCount() : 0);
    asked.begin(settings().speaks() ? settings().outputFormat() : null, voice(request, stopped));
    if (stopped != null) {
      asked.goOn(stopped);
    }
    if (interrupting) {
      answering().skip(asked);
    } else {
      answering().start(asked);
    }
  }

  private @Nullable Failure refusal(UserTurn question, @Nullable RequestedAnswer request) {
    if (!(question instanceof UserTurn.InContext)
        && settings().mode() == GenerationMode.TRANSCRIBE) {
      return new Failure(
          FailureCodes.NOTHING_TO_TRANSCRIBE, "this conversation transcribes speech only");
    }
    String choice = settings().toolChoice(request);
    Set<String> tools = begun().tools();
    if (choice != null
        && (choice.equals(ConversationSettings.REQUIRED)
            ? tools.isEmpty()
            : !tools.contains(choice))) {
      return new Failure(
          FailureCodes.TOOL_NOT_OFFERED,
          "the tool choice is '" + choice + "', expected one of the tools " + tools);
    }
    return null;
  }

  /** An answer that goes on is spoken by who began it. */
  private String voice(@Nullable RequestedAnswer request, @Nullable AnswerState stopped) {
    RequestedAnswer asked = request == null && stopped != null ? stopped.request() : request;
    return asked == null || asked.voice() == null ? settings().voice() : asked.voice();
  }

  private void answered(AnswerBuilder answer, FinishReason reason) {
    boolean interrupted = reason == FinishReason.INTERRUPTED;
    boolean outOfBand = answer.request() != null && answer.request().outOfBand();
    if (!outOfBand) {
      hearing.answered(answer, interrupted);
    }
    context()
        .answered(
            answer.turn(),
            interrupted && !outOfBand ? hearing.heard(host.bundle().prompts()) : answer.text());
    comeBack(answer.turn(), outOfBand);
    if (!interrupted) {
      if (!outOfBand) {
        calls.expect(answer.calls().keySet());
      }
      advance();
    }
  }

  private void amend() {
    PlayedAnswer last = hearing.last();
    String heard = answers() ? null : hearing.heard(host.bundle().prompts());
    if (last != null && heard != null) {
      context().amend(last.turn(), heard);
    }
  }

  /** Milliseconds of speech of an answer that may be heard now, 0 for any other. */
  private long audioMillis(int turn) {
    AnswerBuilder underWay = underWay();
    if (underWay != null) {
      return underWay.turn() == turn ? underWay.audioMillis() : 0;
    }
    PlayedAnswer last = hearing.last();
    return last != null && last.turn() == turn ? last.audioMillis() : 0;
  }

  /** Stops the answer under way and those that were asked for behind it. */
  private void interrupt() {
    if (begun == null) {
      return;
    }
    outlet.message(new AnswerInterrupted(id, nextTurn - 1));
    if (answers()) {
      answering().interrupt();
    } else {
      hearing.interrupted();
      amend();
    }
    interrupting = true;
    advance();
    interrupting = false;
  }

  /**
   * Stops one answer, where it is under way or can still be heard; what comes behind it goes on.
   */
  private void interrupt(int turn) {
    AnswerBuilder present = underWay();
    boolean underWay = present != null && present.turn() == turn;
    PlayedAnswer last = hearing.last();
    if (!underWay && (last == null || last.turn() != turn)) {
      return; // it is over, or there was none
    }
    outlet.message(new AnswerInterrupted(id, turn));
    if (underWay) {
      answering().interrupt();
    } else {
      hearing.interrupted();
      amend();
    }
    advance();
  }

  private void tell(Failure failure, boolean terminal) {
    tell(failure, terminal, -1);
  }

  private void tell(Failure failure, boolean terminal, long eventSequence) {
    tell(new ConversationFailed(failure.code(), failure.message(), terminal, eventSequence));
  }

  private void tell(Object notice) {
    outlet.message(new Text(id, new TextResponse(id, NO_TURN, notices++, notice)));
  }

  /** Gives everything back to the host. */
  void close() {
    closed = true;
    if (begun != null) {
      answering().close();
      context().close();
    }
  }

  DialogueState log() {
    AnswerBuilder underWay = underWay();
    AnswerBuilder kept = begun == null ? null : answering().kept();
    return new DialogueState(
        begun == null ? null : settings(),
        nextTurn,
        notices,
        begun == null ? List.of() : context().rounds(),
        begun == null ? List.of() : context().listening(),
        begun != null && context().overflow(),
        waiting.log(),
        calls.log(),
        underWay == null ? null : underWay.log(),
        hearing.last(),
        overlaps.log(),
        hearing.playedTurn(),
        hearing.playedMillis(),
        own,
        kept == null ? null : kept.log(),
        keys,
        mediaMillis);
  }

  /** Takes a log and goes on with the answer under way. */
  void restore(DialogueState log) {
    remembered = true;
    nextTurn = log.nextTurn();
    notices = log.notices();
    waiting.restore(log.waiting());
    calls.restore(log.calls());
    hearing.restore(log);
    overlaps.restore(log.overlaps());
    own = log.own();
    keys = log.keys();
    mediaMillis = log.mediaMillis();
    if (log.settings() == null) {
      return;
    }
    open(log.settings());
    context().restore(log.rounds(), log.listening(), log.overflow());
    answering().restore(log.listening());
    if (log.kept() != null) {
      restoreKept(log.kept());
    }
    AnswerState under = log.answer();
    if (under == null) {
      return;
    }
    AnswerBuilder answer = restored(under);
    if (!context().ask(under.question(), opening(under.request()))) {
      throw IncompatibleBundleException.tooFewPositions(id, context().capacity());
    }
    answer.prompt(context().length(), answer.spoken() ? context().listeningCount() : 0);
    answer.replay(under.steps());
    if (under.end() != null) {
      answer.end(under.end());
    }
    answering().start(answer);
  }

  private AnswerBuilder restored(AnswerState under) {
    return new AnswerBuilder(
        id,
        settings(),
        begun().tools(),
        under.turn(),
        under.question(),
        under.takenMillis(),
        under.resumed(),
        under.request(),
        opening(under.request()),
        under.mediaMillis(),
        under.times(),
        host.bundle(),
        outlet::message);
  }

  private void restoreKept(AnswerState turn) {
    UserTurn.Spoken said = context().spoken(turn.turn());
    if (said == null) {
      return; // it left the history, and nobody can write it down any more
    }
    AnswerBuilder kept = restored(turn);
    kept.kept();
    answering().listen(new Groups(id, said.groups(), said.count()));
    answering().keep(kept);
  }
}
