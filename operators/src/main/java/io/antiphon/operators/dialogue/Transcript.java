package io.antiphon.operators.dialogue;

import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.TextStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what the caller says, beside the answer: the same audio in a second context with the
 * instructions for transcription. Owns that context, the text so far and whether it is finished.
 * Nothing of it leaves before it is finished, so it is not logged: after a restore it is made again
 * and comes out the same.
 */
final class Transcript {
  private final ModelHost host;
  private final ConversationDialogue.Outlet outlet;
  private final Runnable finished;
  private final PromptContext context;
  private StringBuilder text = new StringBuilder();
  private @Nullable TextStream stream;
  private @Nullable Object running;
  private boolean done;

  /**
   * @param finished called when the transcript of the present turn is there
   */
  Transcript(
      String conversation, ModelHost host, ConversationDialogue.Outlet outlet, Runnable finished) {
    this.host = host;
    this.outlet = outlet;
    this.finished = finished;
    this.context =
        new PromptContext(
            conversation + " (transcript)", host, GenerationMode.TRANSCRIBE, false, null, null);
  }

  void listen(Groups groups) {
    context.listen(groups);
  }

  void hush() {
    context.hush();
  }

  /** The log's present turn. */
  void restore(List<Groups> listening) {
    context.restore(List.of(), listening, false);
  }

  /** The turn is over: what was said is written down. */
  void begin(long seed, int turn) {
    text = new StringBuilder();
    TextStream decoding = host.bundle().tokenizer().stream();
    stream = decoding;
    if (!context.ask(new UserTurn.InContext(), "")) {
      context.hush();
      done = true;
      return;
    }
    done = false;
    int most = host.bundle().manifest().sampling().maximumNewPositions();
    Object generation = new Object();
    running = generation;
    outlet.began();
    context.generate(
        new GenerationRequest(
            seed,
            turn,
            false,
            false,
            Sampling.GREEDY,
            Sampling.GREEDY,
            Math.max(1, Math.min(most, context.capacity() - context.length())),
            List.of()),
        new GenerationListener() {
          @Override
          public void onStep(GenerationStep step) {
            take(generation, () -> text.append(decoding.append(step.textId())));
          }

          @Override
          public void onFinished(GenerationEnd end) {
            take(generation, Transcript.this::finish);
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

  private void take(Object generation, Runnable action) {
    outlet.handOver(
        () -> {
          if (running == generation) {
            action.run();
          }
        });
  }

  private void finish() {
    text.append(Objects.requireNonNull(stream).finish());
    stop();
    done = true;
    finished.run();
  }

  private void stop() {
    running = null;
    outlet.finished();
    context.answered(-1, "");
  }

  /** Whether nothing is to be waited for. */
  boolean done() {
    return done;
  }

  /** What was said; empty when it could not be made. */
  String text() {
    return text.toString().strip();
  }

  /** Gives up the transcript under way. */
  void cancel() {
    if (running != null) {
      context.cancel();
      stop();
    }
    done = true;
    text = new StringBuilder();
  }

  void close() {
    cancel();
    context.close();
  }
}
