package io.antiphon.operators.speech;

import io.antiphon.operators.message.Clock;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.message.OutputMessage.AnswerCompleted;
import io.antiphon.operators.message.OutputMessage.AnswerInterrupted;
import io.antiphon.operators.message.OutputMessage.AnswerStarted;
import io.antiphon.operators.message.OutputMessage.AnswersClosed;
import io.antiphon.operators.message.OutputMessage.SpeechEnded;
import io.antiphon.operators.message.OutputMessage.SpeechTokens;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.message.Seeds;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.Voice;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One conversation's answers on their last stage. Owns the messages not dealt with yet, the
 * detokenizer's session and the pieces of the answer that is spoken. One chunk at most is under
 * way, and a chunk is always the ids of one step, so that chunks, and with them the bytes, are the
 * same after a restore.
 *
 * <p>Text of the answer that is spoken overtakes its audio; everything else keeps its order.
 */
public final class ConversationOutput {
  /** The way out, and the way to the host and back. */
  public interface Outlet {
    void speech(SpeechResponse piece);

    void text(TextResponse text);

    /** A turn is over, all of its other records have left. */
    void completed(CompletedTurn turn);

    /** Calls {@link ConversationOutput#decoded} with the result on the task thread. */
    void await(CompletableFuture<float[]> chunk, DetokenizerSession session);

    /** Samples that were no number. */
    void broken(int samples);
  }

  private static final int NO_TURN = -1;

  private final String id;
  private final ModelHost host;
  private final Outlet outlet;
  private final Deque<OutputMessage> queue = new ArrayDeque<>();
  private @Nullable DetokenizerSession session;
  private @Nullable SpeechPieces pieces;
  private boolean underWay;
  private boolean flushing;
  private boolean paused;
  private int interruptedThrough = NO_TURN;

  public ConversationOutput(String id, ModelHost host, Outlet outlet) {
    this.id = id;
    this.host = host;
    this.outlet = outlet;
  }

  public void accept(OutputMessage message) {
    if (message instanceof Text text && overtakes(text.response().getTurn())) {
      outlet.text(text.response());
    } else if (message instanceof AnswerInterrupted interrupted) {
      interrupt(interrupted.turn());
    } else {
      queue.add(message);
    }
    advance();
  }

  private boolean overtakes(int turn) {
    int present = pieces == null ? NO_TURN : pieces.turn();
    return queue.isEmpty() || turn <= present;
  }

  /** Whether nothing is left to do or to keep. */
  boolean idle() {
    return queue.isEmpty() && pieces == null && !underWay;
  }

  boolean underWay() {
    return underWay;
  }

  /** Begins no new chunk until {@link #resume()}. */
  public void pause() {
    paused = true;
  }

  public void resume() {
    paused = false;
    advance();
  }

  private void advance() {
    while (!paused && !underWay && !queue.isEmpty()) {
      OutputMessage message = queue.peek();
      if (message instanceof SpeechTokens && session == null) {
        if (beginSpeech()) {
          continue;
        }
        return;
      }
      if (message instanceof AnswerCompleted && session != null) {
        decode(new int[0], true); // what the detokenizer holds back comes before the end
        return;
      }
      queue.poll();
      handle(message);
    }
  }

  /**
   * Decodes an answer's first two groups at once; false while the second may still come. The
   * detokenizer keeps back its look-ahead, which is most of a group: a caller who was given the
   * rest of the first group alone would wait again before the second is made.
   */
  private boolean beginSpeech() {
    Iterator<OutputMessage> queued = queue.iterator();
    int[] first = ((SpeechTokens) queued.next()).ids();
    if (!queued.hasNext()) {
      return false;
    }
    int[] ids = first;
    OutputMessage next = queued.next();
    if (next instanceof SpeechTokens second) {
      ids = Arrays.copyOf(first, first.length + second.ids().length);
      System.arraycopy(second.ids(), 0, ids, first.length, second.ids().length);
      queue.poll();
    }
    queue.poll();
    session = openDetokenizer();
    decode(ids, false);
    return true;
  }

  /**
   * What is random in the sound depends on conversation and turn alone, so that a replay repeats
   * it. A voice that the bundle no longer has, after a restart with another one, is spoken by the
   * bundle's own.
   */
  private DetokenizerSession openDetokenizer() {
    SpeechPieces spoken = pieces();
    String voice = spoken.voice();
    return host.openDetokenizer(
        new Voice(
            voice.isEmpty() || !host.voices().contains(voice) ? "" : voice,
            Seeds.of(id + "#" + spoken.turn())));
  }

  private SpeechPieces pieces() {
    return Objects.requireNonNull(pieces, "nothing is spoken");
  }

  private void handle(OutputMessage message) {
    if (message instanceof Text text) {
      outlet.text(text.response());
    } else if (message instanceof AnswerStarted started) {
      pieces =
          new SpeechPieces(id, started.turn(), started.format(), started.voice(), outlet::speech);
      sendText(started.turn());
    } else if (message instanceof SpeechTokens tokens) {
      decode(tokens.ids(), false);
    } else if (message instanceof SpeechEnded) {
      if (session != null) {
        decode(new int[0], true);
      }
    } else if (message instanceof AnswerCompleted completed) {
      complete(completed);
    } else if (message instanceof AnswersClosed) {
      close();
    } else {
      throw new IllegalStateException("no rule for " + message.getClass());
    }
  }

  /** Sends what is queued of the answer's text: the text that comes from now on overtakes. */
  private void sendText(int turn) {
    for (Iterator<OutputMessage> queued = queue.iterator(); queued.hasNext(); ) {
      if (queued.next() instanceof Text text && text.response().getTurn() == turn) {
        queued.remove();
        outlet.text(text.response());
      }
    }
  }

  private void decode(int[] ids, boolean last) {
    underWay = true;
    flushing = last;
    DetokenizerSession decoding = Objects.requireNonNull(session, "nothing is spoken");
    outlet.await(decoding.decode(ids, last), decoding);
  }

  /** Takes the samples of the chunk under way; those of a session given up are dropped. */
  void decoded(DetokenizerSession from, float[] pcm) {
    if (from != session) {
      return;
    }
    underWay = false;
    if (flushing) {
      closeSession();
    }
    int broken = pieces().append(pcm);
    if (broken > 0) {
      outlet.broken(broken);
    }
    advance();
  }

  private void complete(AnswerCompleted completed) {
    long millis = 0;
    double firstAt = -1;
    if (pieces != null) {
      pieces.finish();
      millis = pieces.millis();
      firstAt = pieces.firstAudioAt();
      pieces = null;
    }
    boolean cut = completed.turn() <= interruptedThrough;
    TurnEnd end =
        TurnEnd.of(
            id, completed.outcome(), new TurnEnd.Sound(millis, firstAt, cut), Clock.nowMillis());
    outlet.text(end.text());
    outlet.completed(end.turn());
  }

  private void interrupt(int through) {
    if (pieces == null && queue.isEmpty()) {
      return; // everything was said before
    }
    interruptedThrough = Math.max(interruptedThrough, through);
    queue.removeIf(
        message ->
            (message instanceof SpeechTokens tokens && tokens.turn() <= through)
                || (message instanceof SpeechEnded ended && ended.turn() <= through));
    if (pieces != null && pieces.turn() <= through) {
      closeSession();
      underWay = false;
      pieces.finish();
    }
  }

  private void closeSession() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  /** Gives the session back to the host. */
  public void close() {
    closeSession();
    pieces = null;
    underWay = false;
    queue.clear();
  }

  /** Call with no chunk under way. */
  OutputState log() {
    return new OutputState(
        pieces == null ? NO_TURN : pieces.turn(),
        pieces == null ? null : pieces.format(),
        pieces == null ? null : pieces.voice(),
        session == null ? null : session.carry(),
        pieces == null ? null : pieces.encoderState(),
        pieces == null ? 0 : pieces.sequence(),
        pieces == null ? 0 : pieces.samples(),
        pieces != null && pieces.finished(),
        pieces == null ? -1 : pieces.firstAudioAt(),
        interruptedThrough,
        List.copyOf(queue));
  }

  /** Takes a log; {@link #resume()} goes on. */
  void restore(OutputState log) {
    interruptedThrough = log.interruptedThrough();
    queue.addAll(log.queue());
    if (log.format() != null) {
      pieces = SpeechPieces.restore(id, log, outlet::speech);
    }
    if (log.carry() != null) {
      session = openDetokenizer();
      session.restore(log.carry());
    }
  }
}
