package io.antiphon.gateway.conversation;

import io.antiphon.gateway.conversation.AnswerEnd.Failure;
import io.antiphon.schemas.AnswerStarted;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.NoSpeech;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TranscriptDelta;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnTaken;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a conversation's two response topics one stream in which answers follow each other: text
 * and speech of an answer come on two topics, and the next answer's text may overtake the last
 * one's speech. For one strand.
 */
final class AnswerOrder {
  /** After a turn's end its speech may come so much later, and no more. */
  private static final long SPEECH_PATIENCE_NANOS = 5_000_000_000L;

  private static final int NO_TURN = -1;

  /** What the dataflow tells of a conversation that it does not have, or not any more. */
  private static final Set<String> GONE = Set.of("not-started", "conversation-ended");

  private static final class Answer {
    private final java.util.ArrayDeque<Runnable> waiting = new java.util.ArrayDeque<>();
    private boolean taken;
    private boolean announced;
    private boolean started;
    private boolean speechEnded;
    private @Nullable TurnCompleted completed;
    private long completedAt;
    private @Nullable Failure failure;
  }

  private final ResponseReaders readers = new ResponseReaders();
  private final CallListener listener;
  private final Asks asks;
  private final LongSupplier nanoTime;
  private final Map<Integer, Answer> answers = new TreeMap<>();
  private final int firstTurn;
  private final long receivedMillis;
  private int present;

  /**
   * @param firstTurn answers before are dropped
   * @param receivedMillis of the first turn's audio that is not told again; -1 for a conversation
   *     from its beginning
   * @param asks what was asked for
   */
  AnswerOrder(
      CallListener listener, int firstTurn, long receivedMillis, Asks asks, LongSupplier nanoTime) {
    this.listener = listener;
    this.firstTurn = firstTurn;
    this.receivedMillis = receivedMillis;
    if (receivedMillis >= 0) {
      answerOf(firstTurn).taken = true; // its question was told before
    }
    this.present = firstTurn;
    this.asks = asks;
    this.nanoTime = nanoTime;
  }

  void text(TextResponse response) {
    if (response.getTurn() != NO_TURN && response.getTurn() < firstTurn) {
      return;
    }
    for (TextResponse next : readers.text(response)) {
      if (next.getTurn() == NO_TURN) {
        notice(next.getBody());
      } else {
        answer(next.getTurn(), next.getBody());
      }
    }
    advance();
  }

  void speech(SpeechResponse response) {
    if (response.getTurn() < firstTurn) {
      return;
    }
    for (SpeechResponse next : readers.speech(response)) {
      int turn = next.getTurn();
      Answer answer = answerOf(turn);
      AudioPiece piece = piece(next);
      tell(
          turn,
          () -> {
            start(turn, null);
            listener.audio(turn, piece);
          });
      answer.speechEnded |= next.getLast();
    }
    advance();
  }

  private void notice(Object body) {
    if (body instanceof ConversationRefused refused) {
      listener.refused(refused.getReason(), refused.getRetryAfterMillis());
    } else if (body instanceof ConversationFailed failed) {
      String tag = asks.refused(failed.getEventSequence());
      if (GONE.contains(failed.getCode())) {
        listener.lost("the conversation is over");
      } else if (tag != null) {
        listener.answerRefused(tag, failed.getCode(), failed.getMessage());
      } else {
        listener.failed(failed.getCode(), failed.getMessage(), failed.getTerminal());
      }
    } else {
      noted(body);
    }
  }

  /** What the caller did: it does not wait for an answer's place. */
  private boolean noted(Object body) {
    if (body instanceof SpeechStarted started) {
      listener.speechStarted(started.getMillis());
    } else if (body instanceof SpeechStopped stopped) {
      listener.speechStopped(stopped.getMillis());
    } else if (body instanceof KeyPressed key) {
      if (!key.getKey().isEmpty()) {
        listener.keyTaken(key.getKey().charAt(0));
      }
    } else {
      return false;
    }
    return true;
  }

  private void answer(int turn, Object body) {
    if (noted(body)) {
      return;
    }
    // A turn that was passed over was taken before; its transcript may come behind that.
    Answer answer = turn < present ? new Answer() : answerOf(turn);
    answer.taken |= turn < present;
    if (body instanceof TurnTaken taken) {
      take(turn, answer, taken.getMillis());
    } else if (body instanceof NoSpeech) {
      listener.noSpeech(turn);
    } else if (body instanceof TranscriptDelta delta) {
      take(turn, answer, NO_TURN);
      listener.transcriptDelta(turn, delta.getText());
    } else if (body instanceof InputTranscript transcript) {
      take(turn, answer, NO_TURN);
      listener.transcript(turn, transcript.getText());
    } else if (body instanceof ConversationFailed failed) {
      answer.failure = new Failure(failed.getCode(), failed.getMessage());
      if (failed.getTerminal()) {
        listener.failed(failed.getCode(), failed.getMessage(), true);
      }
    } else if (body instanceof AnswerStarted started) {
      String tag = started.getTag().isEmpty() ? null : started.getTag();
      skipTo(turn);
      answer.announced = true;
      tell(turn, () -> start(turn, tag));
    } else if (body instanceof TextDelta delta) {
      tell(
          turn,
          () -> {
            start(turn, null);
            listener.text(turn, delta.getText(), delta.getOffsetMillis());
          });
    } else if (body instanceof ToolCall call) {
      tell(
          turn,
          () -> {
            start(turn, null);
            listener.toolCall(turn, call.getCallId(), call.getName(), call.getArguments());
          });
    } else if (body instanceof TurnCompleted completed) {
      answer.completed = completed;
      answer.completedAt = nanoTime.getAsLong();
    }
    // An UnknownBody came with a later release than this one.
  }

  /** Tells once that a turn of the caller's was taken, announced or not. */
  private void take(int turn, Answer answer, long millis) {
    if (!answer.taken) {
      answer.taken = true;
      listener.turnTaken(turn, millis);
    }
  }

  private void start(int turn, @Nullable String tag) {
    Answer answer = answerOf(turn);
    if (answer.started) {
      return;
    }
    answer.started = true;
    if (tag == null && !answer.announced) {
      Asks.Ask ask = asks.unannounced();
      if (ask == null || ask.audio()) {
        take(turn, answer, NO_TURN);
      }
      listener.answerStarted(turn, ask == null ? null : ask.tag());
      return;
    }
    listener.answerStarted(turn, tag);
  }

  /** A turn that had no answer is passed over when the text of a later one begins. */
  private void skipTo(int turn) {
    while (present < turn) {
      Answer answer = answers.get(present);
      if (answer != null && (answer.started || answer.completed != null)) {
        return;
      }
      answers.remove(present);
      present++;
    }
  }

  /** Now, or when the answer's place has come. */
  private void tell(int turn, Runnable event) {
    if (turn < present) {
      return;
    }
    if (turn == present) {
      event.run();
    } else {
      answerOf(turn).waiting.add(event);
    }
  }

  /** Ends answers that are whole, and begins those behind them. */
  private void advance() {
    for (Answer answer = answers.get(present);
        answer != null && whole(answer);
        answer = answers.get(present)) {
      int turn = present;
      start(turn, null);
      TurnCompleted completed = answer.completed;
      if (completed != null) {
        listener.answerEnded(
            turn,
            new AnswerEnd(
                completed.getText(),
                completed.getFinishReason(),
                completed.getUsage(),
                completed.getLatencies(),
                completed.getAudioMillis(),
                answer.failure));
      }
      answers.remove(turn);
      present++;
      Answer next = answers.get(present);
      while (next != null && !next.waiting.isEmpty()) {
        next.waiting.remove().run();
      }
    }
  }

  private boolean whole(Answer answer) {
    TurnCompleted completed = answer.completed;
    if (completed == null) {
      return false;
    }
    return completed.getAudioMillis() <= 0
        || answer.speechEnded
        || nanoTime.getAsLong() - answer.completedAt > SPEECH_PATIENCE_NANOS;
  }

  private Answer answerOf(int turn) {
    return answers.computeIfAbsent(turn, t -> new Answer());
  }

  /** Without what was received before. */
  private AudioPiece piece(SpeechResponse response) {
    byte[] all = bytes(response.getBytes());
    long known = receivedMillis - response.getOffsetMillis();
    if (response.getTurn() != firstTurn || known <= 0) {
      return new AudioPiece(
          response.getSequence(), response.getOffsetMillis(), all, response.getLast());
    }
    AudioFormat format = response.getFormat();
    int bytesPerSample = format.getEncoding().equals("pcm16") ? 2 : 1;
    long cut = known * format.getSampleRate() / 1000 * bytesPerSample;
    byte[] rest = cut >= all.length ? new byte[0] : Arrays.copyOfRange(all, (int) cut, all.length);
    return new AudioPiece(response.getSequence(), receivedMillis, rest, response.getLast());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
