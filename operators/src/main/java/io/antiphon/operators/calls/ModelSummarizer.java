package io.antiphon.operators.calls;

import io.antiphon.analytics.calls.QuoteCheck;
import io.antiphon.analytics.calls.SummaryPrompt;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.runtime.text.Prompts;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Writes summaries by the bundle's shared LLM in mode text, each in a context of its own and with
 * the most probable ids. The system message is the mode's own instruction followed by {@link
 * SummaryPrompt#TASK}, as released models are prompted; the user's turn is the redacted transcript,
 * in which no marker of the prompt's template is recognised. What the model wrote has to pass
 * {@link QuoteCheck}.
 */
public final class ModelSummarizer implements Summarizer {
  /** Positions of an answer; what is longer is no short summary. */
  static final int MOST_POSITIONS = 256;

  /** Positions for the transcript with which asking makes sense. */
  static final int LEAST_ROOM = 128;

  private final ModelHost host;
  private final List<PromptSegment> system;
  private final int room;

  /**
   * @param host stays its owner's
   * @throws ConfigurationException when the bundle cannot answer in text, or a row has no room for
   *     a transcript
   */
  public ModelSummarizer(ModelHost host) {
    this.host = host;
    if (host.bundle().manifest().prompt().isEmpty()) {
      throw refused(
          "the summary is to be written by the model, but the bundle "
              + host.bundle().directory()
              + " has no prompt of mode text; expected a bundle that answers in text,"
              + " or summaries by the template");
    }
    this.system = prompts().system(GenerationMode.TEXT, SummaryPrompt.TASK, List.of());
    int fixed = PromptSegment.positions(system) + prompts().textTurn("").length + MOST_POSITIONS;
    this.room = host.settings().positionsPerRow() - fixed;
    if (room < LEAST_ROOM) {
      throw refused(
          "model.positionsPerRow is "
              + host.settings().positionsPerRow()
              + "; expected at least "
              + (fixed + LEAST_ROOM)
              + " for summaries by the model: its instructions, its answer and "
              + LEAST_ROOM
              + " positions of transcript");
    }
  }

  private static ConfigurationException refused(String problem) {
    return new ConfigurationException("Summaries of calls", List.of(problem));
  }

  private Prompts prompts() {
    return host.bundle().prompts();
  }

  @Override
  public CompletableFuture<Optional<WrittenSummary>> summarize(
      String name, List<TranscriptSegment> transcript) {
    // Neither on the caller's thread nor on the host's: a long transcript takes a while to encode.
    return CompletableFuture.supplyAsync(() -> turn(transcript))
        .thenCompose(
            turn ->
                turn.isPresent()
                    ? write(name, transcript, turn.get())
                    : CompletableFuture.completedFuture(Optional.empty()));
  }

  private record Turn(int[] ids, int omittedSegments) {}

  /** A text may take a position more than its pieces, so the whole is what counts. */
  private Optional<Turn> turn(List<TranscriptSegment> transcript) {
    int most = room + prompts().textTurn("").length;
    for (int tried = room; tried > 0; tried -= LEAST_ROOM / 8) {
      Optional<SummaryPrompt> prompt =
          SummaryPrompt.of(
              transcript, text -> host.bundle().tokenizer().encodePlain(text).length, tried);
      if (prompt.isEmpty()) {
        return Optional.empty();
      }
      int[] ids = prompts().textTurn(prompt.get().text());
      if (ids.length <= most) {
        return Optional.of(new Turn(ids, prompt.get().omittedSegments()));
      }
    }
    return Optional.empty();
  }

  private CompletableFuture<Optional<WrittenSummary>> write(
      String name, List<TranscriptSegment> transcript, Turn turn) {
    GenerationSession session = host.openResponse(name + " summary", false);
    CompletableFuture<GreedyText.Written> written;
    try {
      system.forEach(session::append);
      session.append(new PromptSegment.Text(turn.ids()));
      written = GreedyText.generate(host, session, MOST_POSITIONS);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
    return written
        .whenCompleteAsync((ignored, error) -> session.close())
        .thenApply(
            answer ->
                answer.end() == GenerationEnd.LENGTH
                    ? Optional.empty()
                    : new QuoteCheck(transcript)
                        .checked(answer.text())
                        .map(text -> new WrittenSummary(text, turn.omittedSegments())));
  }
}
