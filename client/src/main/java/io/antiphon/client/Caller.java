package io.antiphon.client;

import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnEnded;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One caller in one conversation: speaks or writes a turn and waits for the whole answer.
 * Duplicates are dropped and order restored by the reader library, so a restart of the job is not
 * noticed.
 *
 * <p>For one thread; answers come in 24 kHz PCM16.
 */
public final class Caller implements AutoCloseable {
  private static final int MAXIMUM_HELD = 10_000;

  /** The turn of responses that belong to no answer. */
  private static final int NO_TURN = -1;

  private final Transport transport;
  private final ConversationHandle conversation;
  private final ConversationStarted start;
  private final Duration patience;
  private final LinkedBlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
  private final ResponseReader<TextResponse> texts = ResponseReader.text(MAXIMUM_HELD);
  private final ResponseReader<SpeechResponse> speech = ResponseReader.speech(MAXIMUM_HELD);
  private int lastTurn = -1;
  private boolean over;

  /**
   * Starts the conversation.
   *
   * @param start with 24 kHz pcm16 as output format
   * @param patience how long nothing may come before the answer is given up
   */
  public Caller(
      Transport transport, String conversation, ConversationStarted start, Duration patience) {
    this.transport = transport;
    this.start = start;
    this.patience = patience;
    this.conversation = new ConversationHandle(transport, conversation, new Inbox(conversation));
    send(start);
  }

  /** Sends a recording in chunks of 20 ms without ending the turn. */
  public void speak(short[] samples, Pace pace) {
    conversation.speak(
        samples, start.getInputFormat().getSampleRate(), ConversationHandle.CHUNK_MILLIS, pace);
  }

  /** Sends one event. */
  public void send(Object body) {
    conversation.send(body);
  }

  /**
   * Sends the event that ends the caller's turn and collects what comes back until the answer is
   * whole.
   */
  public Answer ask(Object lastEvent, TextObserver observer)
      throws ConversationException, InterruptedException {
    AnswerCollector answer =
        new AnswerCollector(speaks(), transcribes(lastEvent), System.nanoTime());
    send(lastEvent);
    while (!answer.whole()) {
      Object next = inbox.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      transport.check();
      if (next == null) {
        throw new ConversationException(
            "timeout", "nothing came for " + patience.toSeconds() + " s; " + answer.missing());
      }
      if (next instanceof TextResponse response) {
        if (response.getTurn() > lastTurn || response.getTurn() == NO_TURN) {
          for (TextResponse ordered : texts.accept(response)) {
            take(ordered, answer, observer);
          }
        }
      } else if (next instanceof SpeechResponse response) {
        if (response.getTurn() > lastTurn) {
          speech.accept(response).forEach(answer::add);
        }
      } else if (next instanceof DeadLetter letter) {
        throw new ConversationException(
            letter.getCode(),
            "a record of the conversation became a dead letter: " + letter.getMessage());
      } else {
        throw new ConversationException(
            "disconnected", "the connection to Kafka failed: " + ((Throwable) next).getMessage());
      }
    }
    Answer whole = answer.build();
    lastTurn = whole.turn();
    if (answer.failure().isPresent()) {
      throw exception(answer.failure().get());
    }
    return whole;
  }

  /** Ends the conversation. */
  @Override
  public void close() {
    if (!over) {
      over = true;
      send(new ConversationEnded());
    }
    conversation.close();
  }

  private boolean speaks() {
    return start.getMode() == Mode.SPEECH_TO_SPEECH;
  }

  private boolean transcribes(Object lastEvent) {
    return start.getTranscribeInput()
        && start.getMode() != Mode.TRANSCRIPTION
        && lastEvent instanceof TurnEnded;
  }

  private void take(TextResponse response, AnswerCollector answer, TextObserver observer)
      throws ConversationException {
    Object body = response.getBody();
    if (body instanceof ConversationRefused refused) {
      over = true;
      throw new ConversationException(
          "refused",
          "the conversation was refused: "
              + refused.getReason()
              + " (try again in "
              + refused.getRetryAfterMillis()
              + " ms)");
    } else if (body instanceof ConversationFailed failed) {
      over |= failed.getTerminal();
      if (failed.getTerminal() || response.getTurn() == NO_TURN) {
        throw exception(failed);
      }
    } else if (body instanceof TextDelta delta) {
      observer.onText(delta.getText());
    }
    answer.add(response);
  }

  private static ConversationException exception(ConversationFailed failed) {
    return new ConversationException(
        failed.getCode(), failed.getCode() + ": " + failed.getMessage());
  }

  private final class Inbox implements ResponseListener {
    private final String id;

    Inbox(String id) {
      this.id = id;
    }

    @Override
    public void onText(TextResponse response) {
      inbox.add(response);
    }

    @Override
    public void onSpeech(SpeechResponse response) {
      inbox.add(response);
    }

    @Override
    public void onDeadLetter(DeadLetter letter) {
      if (ConversationHandle.concerns(id, letter)) {
        inbox.add(letter);
      }
    }

    @Override
    public void onFailure(Throwable error) {
      inbox.add(error);
    }
  }
}
