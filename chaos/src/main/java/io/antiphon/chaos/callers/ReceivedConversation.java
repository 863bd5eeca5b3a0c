package io.antiphon.chaos.callers;

import io.antiphon.client.ConversationHandle;
import io.antiphon.client.ResponseListener;
import io.antiphon.client.ResponseReader;
import io.antiphon.client.Transport;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What comes back in one conversation: reads as the reader library tells, and remembers what no
 * caller needs, namely what the reader dropped. Listener on the line's thread; everything else on
 * any.
 */
public final class ReceivedConversation implements ResponseListener, AutoCloseable {
  private static final int MAXIMUM_HELD = 10_000;

  /** The turn of records that belong to no answer. */
  private static final int NO_TURN = -1;

  private final CallerScript script;
  private final PauseGate gate;
  private final ConversationHandle handle;
  private final ResponseReader<TextResponse> texts = ResponseReader.text(MAXIMUM_HELD);
  private final ResponseReader<SpeechResponse> speech = ResponseReader.speech(MAXIMUM_HELD);
  private final List<ReceivedAnswer> answers = new ArrayList<>();
  private final Map<String, Object> firsts = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @param gate through which all that comes must pass
   */
  public ReceivedConversation(Transport transport, String id, CallerScript script, PauseGate gate) {
    this.gate = gate;
    this.script = script;
    this.handle = new ConversationHandle(transport, id, this);
  }

  public String id() {
    return handle.id();
  }

  /** For the caller's one thread. */
  public ConversationHandle handle() {
    return handle;
  }

  public CallerScript script() {
    return script;
  }

  /**
   * Says that a question was asked, whose answer is the next.
   *
   * @param beganAt when the caller began to speak
   */
  public synchronized int asked(long beganAt, boolean spoken) {
    answers.add(new ReceivedAnswer(beganAt, System.nanoTime(), spoken && script.transcribes()));
    return answers.size() - 1;
  }

  /**
   * Waits until an answer is whole.
   *
   * @return whether it is; if not, that is noted as trouble
   */
  public synchronized boolean await(int turn, long patienceMillis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    while (!answers.get(turn).whole() && problems.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        problems.add("answer " + turn + " was not whole after " + patienceMillis / 1000 + " s");
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return problems.isEmpty();
  }

  /** The answers asked for, whole or not; one that is not whole still changes. */
  public synchronized List<ReceivedAnswer> answers() {
    return List.copyOf(answers);
  }

  /** What went wrong. */
  public synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  public synchronized void problem(String what) {
    problems.add(what);
    notifyAll();
  }

  /** Whether an answer's audio has begun and is not at its end. */
  public synchronized boolean midSentence() {
    return answers.stream().anyMatch(ReceivedAnswer::midSentence);
  }

  /** Whether all answers asked for before a time are whole or have gone on after it. */
  public synchronized boolean heardSince(long time) {
    return answers.stream()
        .filter(answer -> answer.askedAt() < time)
        .allMatch(answer -> answer.whole() || answer.firstAudioAfter(time) >= 0);
  }

  /** Records that came again. */
  public synchronized long duplicates() {
    return texts.duplicates() + speech.duplicates();
  }

  @Override
  public void onText(TextResponse response) {
    gate.pass();
    take(response);
  }

  @Override
  public void onSpeech(SpeechResponse response) {
    gate.pass();
    take(response, System.nanoTime());
  }

  private synchronized void take(TextResponse response) {
    if (response.getTurn() != NO_TURN) {
      first("text " + response.getTurn() + " " + response.getSequence(), essence(response));
      if (response.getBody() instanceof TurnCompleted) {
        first("end of answer " + response.getTurn(), essence(response));
      }
    }
    for (TextResponse ordered : texts.accept(response)) {
      use(ordered);
    }
    notifyAll();
  }

  private synchronized void take(SpeechResponse response, long now) {
    first("speech " + response.getTurn() + " " + response.getSequence(), response);
    for (SpeechResponse ordered : speech.accept(response)) {
      ReceivedAnswer answer = heard(ordered.getTurn());
      if (answer != null) {
        answer.add(ordered, now);
      }
    }
    notifyAll();
  }

  @Override
  public void onDeadLetter(DeadLetter letter) {
    if (handle.concerns(letter)) {
      problem("a record became a dead letter: " + letter.getCode() + ", " + letter.getMessage());
    }
  }

  @Override
  public void onFailure(Throwable error) {
    problem("reading failed: " + error);
  }

  @Override
  public void close() {
    handle.close();
  }

  /** A record that comes again under its number must be the same. */
  private void first(String identity, Object content) {
    Object before = firsts.putIfAbsent(identity, content);
    if (before != null && !before.equals(content)) {
      problems.add(identity + " came again with other content");
    }
  }

  /** Without the times, which are those of the run. */
  private static Object essence(TextResponse response) {
    if (response.getBody() instanceof TurnCompleted completed) {
      return ReceivedAnswer.end(completed);
    }
    return response.getBody();
  }

  private void use(TextResponse response) {
    Object body = response.getBody();
    // What an answer ends with is part of it: the model may fail in the undisturbed run as well.
    boolean fails =
        body instanceof ConversationFailed failed
            && (failed.getTerminal() || response.getTurn() == NO_TURN);
    if (fails || body instanceof ConversationRefused) {
      problems.add(body.toString());
      return;
    }
    ReceivedAnswer answer = heard(response.getTurn());
    if (answer == null) {
      return;
    }
    answer.add(response);
  }

  private @Nullable ReceivedAnswer heard(int turn) {
    if (turn < 0 || turn >= answers.size()) {
      problems.add("answer " + turn + " came, but " + answers.size() + " were asked for");
      return null;
    }
    return answers.get(turn);
  }
}
