package io.antiphon.operators.calls;

import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Writes the text of a call's summary. Thread safe. */
@FunctionalInterface
public interface Summarizer {
  /**
   * @param name of the call, for messages only
   * @param transcript as it may leave
   * @return empty where what was written cannot be used; a function of the transcript alone
   */
  CompletableFuture<Optional<WrittenSummary>> summarize(
      String name, List<TranscriptSegment> transcript);
}
