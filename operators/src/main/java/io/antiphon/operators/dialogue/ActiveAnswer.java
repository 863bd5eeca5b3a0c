package io.antiphon.operators.dialogue;

import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.schemas.FinishReason;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer under way. Owns it, its generation at the host and the transcript of its question.
 * Results of a generation that was given up are dropped.
 */
final class ActiveAnswer {
  /** Told when an answer is over and its last record has left. */
  interface Listener {
    void answered(AnswerBuilder answer, FinishReason reason);

    /** Told when the transcript of a turn that was kept is there. */
    void transcribed();
  }

  private final String id;
  private final ConversationSettings settings;
  private final ModelHost host;
  private final PromptContext context;
  private final ConversationDialogue.Outlet outlet;
  private final Listener listener;
  private final @Nullable Transcript transcript;
  private @Nullable AnswerBuilder answer;
  private @Nullable AnswerBuilder kept;

  ActiveAnswer(
      String id,
      ConversationSettings settings,
      ModelHost host,
      PromptContext context,
      ConversationDialogue.Outlet outlet,
      Listener listener) {
    this.id = id;
    this.settings = settings;
    this.host = host;
    this.context = context;
    this.outlet = outlet;
    this.listener = listener;
    this.transcript =
        settings.transcribeInput() && settings.mode() != GenerationMode.TRANSCRIBE
            ? new Transcript(id, host, outlet, this::complete)
            : null;
  }

  /** The answer under way, or null. */
  @Nullable AnswerBuilder answer() {
    return answer;
  }

  /** The turn without an answer whose transcript is made now, or null. */
  @Nullable AnswerBuilder kept() {
    return kept;
  }

  /** Writes a spoken turn down that is not answered by itself, where that is wanted. */
  void keep(AnswerBuilder turn) {
    if (transcript != null) {
      kept = turn;
      transcript.begin(settings.seed(id), turn.turn());
      outlet.handOver(this::complete);
    }
  }

  void listen(Groups groups) {
    if (transcript != null) {
      transcript.listen(groups);
    }
  }

  void hush() {
    if (transcript != null) {
      transcript.hush();
    }
  }

  /** Goes on listening where a log stood. */
  void restore(List<Groups> listening) {
    if (transcript != null) {
      transcript.restore(listening);
    }
  }

  /** Generates an answer to the prompt in the context, or what is left of it. */
  void start(AnswerBuilder asked) {
    answer = asked;
    if (asked.end() == null) {
      outlet.began();
      context.generate(
          GenerationRequests.of(id, settings, host.bundle().manifest(), context, asked),
          new Generation(asked));
    }
    if (transcript != null && asked.spoken()) {
      transcript.begin(settings.seed(id), asked.turn());
    }
    // After a restore everything may be there already.
    outlet.handOver(this::complete);
  }

  /** Ends an answer that was interrupted before it began. */
  void skip(AnswerBuilder asked) {
    answer = asked;
    if (asked.spoken()) {
      hush();
    }
    finish(FinishReason.INTERRUPTED);
  }

  /** Ends the answer under way, if there is one. */
  void interrupt() {
    if (answer == null) {
      return;
    }
    if (answer.end() == null) {
      context.cancel();
      outlet.finished();
    }
    if (transcript != null && answer.spoken()) {
      transcript.cancel();
    }
    finish(FinishReason.INTERRUPTED);
  }

  private void complete() {
    if (kept != null && transcript != null && transcript.done()) {
      AnswerBuilder written = kept;
      kept = null;
      written.transcribed(transcript.text().isEmpty() ? null : transcript.text());
      listener.transcribed();
    }
    if (answer == null || answer.end() == null) {
      return;
    }
    if (transcript != null && answer.spoken() && !transcript.done()) {
      return;
    }
    finish(answer.end() == GenerationEnd.STOP ? FinishReason.STOP : FinishReason.LENGTH);
  }

  private void finish(FinishReason reason) {
    AnswerBuilder finished = Objects.requireNonNull(answer, "nothing is answered");
    answer = null;
    finished.complete(reason, transcriptOf(finished, reason));
    listener.answered(finished, reason);
  }

  private @Nullable String transcriptOf(AnswerBuilder finished, FinishReason reason) {
    if (!finished.spoken() || reason == FinishReason.INTERRUPTED) {
      return null;
    }
    if (settings.mode() == GenerationMode.TRANSCRIBE) {
      return finished.text().strip();
    }
    return transcript == null || transcript.text().isEmpty() ? null : transcript.text();
  }

  void close() {
    if (transcript != null) {
      transcript.close();
    }
  }

  private final class Generation implements GenerationListener {
    private final AnswerBuilder asked;

    Generation(AnswerBuilder asked) {
      this.asked = asked;
    }

    @Override
    public void onPrefilled() {
      take(asked::prefilled);
    }

    @Override
    public void onStep(GenerationStep step) {
      take(() -> asked.step(step));
    }

    @Override
    public void onFinished(GenerationEnd end) {
      take(
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

    private void take(Runnable action) {
      outlet.handOver(
          () -> {
            if (answer == asked && asked.end() == null) {
              action.run();
            }
          });
    }
  }
}
