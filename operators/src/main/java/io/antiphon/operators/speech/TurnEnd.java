package io.antiphon.operators.speech;

import io.antiphon.operators.message.AnswerOutcome;
import io.antiphon.operators.message.AnswerTimes;
import io.antiphon.operators.message.Failure;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.Usage;
import io.antiphon.serde.TurnRecords;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The two records of a turn's end, made of the answer's outcome and of what its sound became.
 *
 * @param text of the text topic
 * @param turn of the topic of completed turns
 */
record TurnEnd(TextResponse text, CompletedTurn turn) {
  /**
   * What became of an answer's sound.
   *
   * @param millis that have left
   * @param firstAt milliseconds since the epoch at which the first left, -1 when nothing has
   * @param cut whether the caller interrupted it before all of it was made
   */
  record Sound(long millis, double firstAt, boolean cut) {}

  /**
   * @param now milliseconds since the epoch at which the last of the answer leaves
   */
  static TurnEnd of(String conversation, AnswerOutcome outcome, Sound sound, double now) {
    AnswerTimes times = outcome.times();
    TurnCompleted answer =
        new TurnCompleted(
            outcome.text(),
            finishReason(outcome.finishReason(), sound.cut()),
            new Usage(
                outcome.promptPositions(),
                outcome.audioGroups(),
                outcome.textTokens(),
                outcome.speechTokens(),
                0),
            new StageLatencies(
                times.since(times.encoded()),
                times.since(times.prefilled()),
                times.since(times.firstText()),
                times.since(times.firstSpeech()),
                times.since(sound.firstAt()),
                times.since(now)),
            sound.millis());
    CompletedTurn.Builder turn =
        CompletedTurn.newBuilder()
            .setConversationId(conversation)
            .setTenant(outcome.tenant())
            .setTurn(outcome.turn())
            .setTag(outcome.tag())
            .setTime(Instant.ofEpochMilli(Math.round(now)))
            .setQuestionType(outcome.questionType().name())
            .setQuestion(outcome.question())
            .setInstructions(outcome.instructions())
            .setTools(outcome.tools())
            .setToolCalls(outcome.toolCalls())
            .setFailure(failed(outcome.failure()))
            .setModel(new ModelIdentity(outcome.model(), outcome.modelDigest()))
            .setSampling(outcome.sampling() == null ? null : outcome.sampling().toRecord())
            .setTextIds(Arrays.stream(outcome.textIds()).boxed().toList())
            .setSpeechIds(Arrays.stream(outcome.speechIds()).boxed().toList());
    return new TurnEnd(
        new TextResponse(conversation, outcome.turn(), outcome.sequence(), answer),
        TurnRecords.setAnswer(turn, answer).build());
  }

  /** A whole answer of which the caller did not let all be heard was interrupted. */
  private static FinishReason finishReason(FinishReason generated, boolean cut) {
    boolean whole = generated == FinishReason.STOP || generated == FinishReason.LENGTH;
    return cut && whole ? FinishReason.INTERRUPTED : generated;
  }

  private static @Nullable ConversationFailed failed(@Nullable Failure failure) {
    return failure == null
        ? null
        : new ConversationFailed(failure.code(), failure.message(), false, -1L);
  }
}
