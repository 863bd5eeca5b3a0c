package io.antiphon.gateway.conversation;

import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.Usage;
import org.jspecify.annotations.Nullable;

/**
 * How an answer ended.
 *
 * @param text all of it
 * @param audioMillis length of its speech
 * @param failure why there is no answer; null unless the reason is FAILED
 */
public record AnswerEnd(
    String text,
    FinishReason finishReason,
    Usage usage,
    StageLatencies latencies,
    long audioMillis,
    @Nullable Failure failure) {

  /** A stable code and a sentence. */
  public record Failure(String code, String message) {}
}
