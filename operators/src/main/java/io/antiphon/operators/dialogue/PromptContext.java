package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.runtime.text.Prompts;
import io.antiphon.schemas.QuestionType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dialogue as it stands in the model's context: instructions, the last rounds, what the caller is
 * saying now. Owns the host's session and the knowledge of what of all this the session holds
 * already; opens the session when something is first needed of it and fills in only what is
 * missing. Instructions are prefilled when the dialogue begins, the caller's audio as it comes.
 *
 * <p>What does not fit any more is dropped from the oldest round on, see {@link History}. Not to be
 * changed while the session generates.
 */
final class PromptContext {
  /** Of text, on the average of a whole turn. Words of any language have fewer. */
  private static final int MOST_BYTES_PER_POSITION = 16;

  /** Begins the ids of keys that were pressed. */
  static final String KEYS = "item_k";

  private final String name;
  private final ModelHost host;
  private final boolean speech;
  private final boolean remembers;
  private final int capacity;
  private final List<PromptSegment> system;
  private final int audioMarks;

  /** Whether instructions and tools are so long that they were not even looked at. */
  private final boolean unread;

  private final History history;
  private final List<Groups> listening = new ArrayList<>();
  private int listeningCount;
  private boolean overflow;
  private @Nullable UserTurn asked;

  private @Nullable GenerationSession session;
  private int systemEnd;
  private int answerStart;
  private int historyEnd;
  private int heldRounds;
  private int heldBlocks;

  /**
   * @param name for messages
   * @param remembers whether answered rounds stay in the context
   */
  PromptContext(
      String name,
      ModelHost host,
      GenerationMode mode,
      boolean remembers,
      @Nullable String instructions,
      @Nullable List<String> tools) {
    this.name = name;
    this.host = host;
    this.speech = mode == GenerationMode.SPEECH;
    this.remembers = remembers;
    Manifest manifest = host.bundle().manifest();
    this.capacity =
        Math.min(manifest.sharedLlm().maximumPositions(), host.settings().positionsPerRow());
    this.history = new History(prompts(), manifest.prompt().orElseThrow().historyTurns());
    this.unread = bytes(instructions) + bytes(tools) > mostBytes();
    this.system = unread ? List.of() : prompts().system(mode, instructions, tools);
    this.audioMarks = prompts().audioBegin().length + prompts().audioEnd().length;
  }

  /**
   * Text that is longer fits into no context, whatever it says: it is refused before the tokenizer,
   * which is the task thread's, spends time on it.
   */
  private long mostBytes() {
    return (long) capacity * MOST_BYTES_PER_POSITION;
  }

  private static long bytes(@Nullable String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static long bytes(@Nullable List<String> texts) {
    return texts == null ? 0 : texts.stream().mapToLong(PromptContext::bytes).sum();
  }

  private Prompts prompts() {
    return host.bundle().prompts();
  }

  private GenerationSession session() {
    return Objects.requireNonNull(session, "nothing was prefilled");
  }

  /** Positions that a prompt and its answer can have. */
  int capacity() {
    return capacity;
  }

  /** Prefills the instructions, before anything is asked; those too long are refused with it. */
  void begin() {
    if (fits(0)) {
      sync();
    }
  }

  /**
   * Takes what the caller says, and prefills it.
   *
   * @return false the first time that the turn does not fit any more; the rest of it is ignored
   */
  boolean listen(Groups groups) {
    if (overflow) {
      return true;
    }
    listening.add(groups);
    listeningCount += groups.count();
    if (fits(listeningCount + audioMarks)) {
      prefill();
      return true;
    }
    hush();
    overflow = true;
    return false;
  }

  /** Forgets what the caller has said in this turn. */
  void hush() {
    listening.clear();
    listeningCount = 0;
    overflow = false;
    unhold();
  }

  /** Groups of the turn so far. */
  int listeningCount() {
    return listeningCount;
  }

  /** The same with what the caller has said, which is something. */
  private boolean askSpoken(String opening) {
    int[] begun = prompts().assistantOpening(opening);
    if (overflow || !fits(listeningCount + audioMarks + begun.length)) {
      return false;
    }
    prefill();
    session().append(new PromptSegment.Text(prompts().audioEnd()));
    begin(begun);
    asked = UserTurn.Spoken.of(listening);
    return true;
  }

  private void begin(int[] opening) {
    answerStart = session().length();
    if (opening.length > 0) {
      session().append(new PromptSegment.Text(opening));
    }
  }

  /**
   * Ends the prompt with a question.
   *
   * @param opening with which the answer begins, in the history's form; empty for none
   * @return false when it does not fit
   */
  boolean ask(UserTurn question, String opening) {
    if (question instanceof UserTurn.InContext) {
      return askSpoken(opening);
    }
    if (bytes(question.text()) > mostBytes()) {
      return false;
    }
    List<PromptSegment> segments = question.segments(prompts());
    int[] begun = prompts().assistantOpening(opening);
    if (!fits(PromptSegment.positions(segments) + begun.length)) {
      return false;
    }
    sync();
    unhold();
    segments.forEach(session()::append);
    begin(begun);
    asked = question;
    return true;
  }

  /**
   * Keeps what the caller has said, which is something, without an answer.
   *
   * @return false when it does not fit
   */
  boolean keepSpoken(int turn) {
    if (overflow || !fits(listeningCount + audioMarks)) {
      return false;
    }
    prefill();
    session().append(new PromptSegment.Text(prompts().audioEndUnanswered()));
    history.add(new Exchange(UserTurn.Spoken.of(listening), null, turn, ""));
    listening.clear();
    listeningCount = 0;
    heldBlocks = 0;
    answerStart = session().length();
    historyEnd = session().length();
    heldRounds = history.size();
    return true;
  }

  /**
   * Adds to the history.
   *
   * @param previousId of the item that it follows; null: it becomes the last, empty: the first
   * @return false when there is none with that id
   */
  boolean add(Exchange added, @Nullable String previousId) {
    int index = previousId == null ? history.size() : previousId.isEmpty() ? 0 : behind(previousId);
    if (index < 0) {
      return false;
    }
    change(index);
    history.add(index, added);
    if (fits(listeningCount + audioMarks)) {
      prefill();
    }
    return true;
  }

  /** The place behind an item, -1 for none. */
  private int behind(String id) {
    int at = history.find(each -> each.isQuestion(id) || each.isAnswer(id));
    if (at >= 0 && history.get(at).isQuestion(id) && history.get(at).answered()) {
      Exchange whole = history.get(at);
      change(at);
      history.replace(at, whole.questionAlone());
      history.add(at + 1, whole.answerAlone());
    }
    return at < 0 ? -1 : at + 1;
  }

  /** Whether an item is in the history. */
  boolean holds(String id) {
    return history.find(each -> each.isQuestion(id) || each.isAnswer(id)) >= 0;
  }

  /** Takes an item out of the history; false when there is none with that id. */
  boolean remove(String id) {
    int at = history.find(each -> each.isQuestion(id) || each.isAnswer(id));
    if (at < 0) {
      return false;
    }
    change(at);
    Exchange whole = history.get(at);
    if (!whole.isQuestion(id) && whole.asks()) {
      history.replace(at, whole.questionAlone());
    } else if (!whole.isAnswer(id) && whole.answered()) {
      history.replace(at, whole.answerAlone());
    } else {
      history.remove(at);
    }
    return true;
  }

  /** Something changes at a round and behind it. */
  private void change(int index) {
    if (index < heldRounds) {
      forgetHeld();
    }
  }

  /** Appends a key to those that were pressed before, if nothing came in between. */
  boolean press(String key) {
    if (history.isEmpty() || !history.last().round().itemId().startsWith(KEYS)) {
      return false;
    }
    int last = history.size() - 1;
    Exchange before = history.get(last);
    change(last);
    history.replace(
        last,
        new Exchange(
            new UserTurn.Written(before.question().text() + key), null, -1, before.itemId()));
    return true;
  }

  /** What stands in the history without an answer, as a question. */
  UserTurn unanswered() {
    QuestionType type = QuestionType.WRITTEN;
    List<String> written = new ArrayList<>();
    for (int i = history.size() - 1; i >= 0 && !history.get(i).answered(); i--) {
      UserTurn question = history.get(i).question();
      if (i == history.size() - 1) {
        type = question.type();
      }
      if (question.text() != null && !(question instanceof UserTurn.SystemMessage)) {
        written.add(0, question.text());
      }
    }
    return new UserTurn.Requested(type, written.isEmpty() ? null : String.join("\n", written));
  }

  /** The turn of the last round, -1 for none. */
  int lastTurn() {
    return history.isEmpty() ? -1 : history.last().round().turn();
  }

  /** The question of a turn that has no answer; null for none. */
  UserTurn.@Nullable Spoken spoken(int turn) {
    int at = history.find(each -> each.turn() == turn && !each.answered());
    return at >= 0 && history.get(at).question() instanceof UserTurn.Spoken spoken ? spoken : null;
  }

  /**
   * Takes back the last round, to ask its question again; null when there is none. The caller's
   * unfinished turn must have been forgotten.
   */
  @Nullable UserTurn takeBack() {
    if (history.isEmpty()) {
      return null;
    }
    boolean held = session != null && heldRounds == history.size();
    History.Placed last = history.removeLast();
    if (held) {
      historyEnd = answerStart - PromptSegment.positions(last.question());
      session().rewind(historyEnd);
      heldRounds = history.size();
      heldBlocks = 0;
    }
    return last.round().question();
  }

  /** Positions of the prompt as it stands. */
  int length() {
    return session().length();
  }

  void generate(GenerationRequest request, GenerationListener listener) {
    session().generate(request, listener);
  }

  void cancel() {
    session().cancel();
  }

  /** Replaces the generated positions by the answer's history form. */
  void answered(int turn, @Nullable String text) {
    UserTurn question = asked;
    asked = null;
    if (question instanceof UserTurn.Spoken) {
      listening.clear();
      listeningCount = 0;
    }
    heldBlocks = 0;
    if (!remembers) {
      session().rewind(systemEnd);
      return;
    }
    // The question stays where it is; only what was generated after it makes room.
    History.Placed round =
        history.add(new Exchange(Objects.requireNonNull(question), text, turn, ""));
    session().rewind(answerStart);
    finish(round);
    // Now, while the caller listens and thinks: when rounds were dropped, those that stay are to be
    // prefilled anew.
    if (fits(listeningCount + audioMarks)) {
      prefill();
    }
  }

  private void finish(History.Placed round) {
    if (answerStart + round.answer().positions() > capacity) {
      // Longer than the row: what comes next drops rounds and begins anew.
      forgetHeld();
      return;
    }
    session().append(round.answer());
    historyEnd = session().length();
    heldRounds = history.size();
  }

  /** Changes an answer into what was heard of it. */
  void amend(int turn, String heard) {
    int at = history.find(each -> each.turn() == turn && each.answered());
    if (at < 0 || heard.equals(history.get(at).answer())) {
      return;
    }
    boolean last = at == history.size() - 1 && session != null && heldRounds == history.size();
    Exchange amended = history.get(at).withAnswer(heard);
    if (!last) {
      change(at);
      history.replace(at, amended);
      return;
    }
    history.replace(at, amended);
    heldBlocks = 0;
    session().rewind(answerStart);
    finish(history.last());
    if (!listening.isEmpty()) {
      prefill();
    }
  }

  void close() {
    if (session != null) {
      session().close();
      session = null;
    }
  }

  /** What is logged: rounds, oldest first. */
  List<Exchange> rounds() {
    return history.rounds();
  }

  /** What is logged: the caller's present turn. */
  List<Groups> listening() {
    return List.copyOf(listening);
  }

  boolean overflow() {
    return overflow;
  }

  /** Takes a log; the session follows when it is needed. */
  void restore(List<Exchange> pastRounds, List<Groups> present, boolean overflown) {
    pastRounds.forEach(history::add);
    listening.addAll(present);
    present.forEach(groups -> listeningCount += groups.count());
    overflow = overflown;
  }

  /** Brings instructions, past rounds and the caller's present turn into the session. */
  void prefill() {
    sync();
    if (listening.isEmpty()) {
      return;
    }
    if (heldBlocks == 0) {
      session().append(new PromptSegment.Text(prompts().audioBegin()));
    }
    for (Groups groups : listening.subList(heldBlocks, listening.size())) {
      session().append(new PromptSegment.Audio(groups.groups(), groups.count()));
    }
    heldBlocks = listening.size();
  }

  private void sync() {
    if (session == null) {
      session = host.openResponse(name, speech);
      system.forEach(session()::append);
      systemEnd = session().length();
      historyEnd = systemEnd;
      heldRounds = 0;
      heldBlocks = 0;
    }
    if (heldRounds == history.size()) {
      return;
    }
    unhold();
    for (History.Placed round : history.from(heldRounds)) {
      round.question().forEach(session()::append);
      answerStart = session().length();
      if (round.round().answered()) {
        session().append(round.answer());
      }
      historyEnd = session().length();
      heldRounds++;
    }
  }

  /** Takes the caller's unfinished turn out of the session; it stays listened to. */
  private void unhold() {
    if (session != null && heldBlocks > 0) {
      session().rewind(historyEnd);
    }
    heldBlocks = 0;
  }

  /** Takes all rounds out of the session. */
  private void forgetHeld() {
    if (session != null) {
      session().rewind(systemEnd);
      historyEnd = systemEnd;
    }
    heldRounds = 0;
    heldBlocks = 0;
  }

  /**
   * Drops oldest rounds until a question of so many positions and an answer have room; none when
   * there is no room anyway.
   */
  private boolean fits(int question) {
    int reserve = Math.min(host.bundle().manifest().sampling().maximumNewPositions(), capacity / 4);
    int room = capacity - reserve - PromptSegment.positions(system) - question;
    if (unread || room < 0) {
      return false; // with no history either
    }
    if (history.shrink(room)) {
      forgetHeld();
    }
    return true;
  }
}
