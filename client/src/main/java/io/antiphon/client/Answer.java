package io.antiphon.client;

import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.Usage;
import java.util.List;
import java.util.Optional;

/**
 * One complete answer as a caller got it.
 *
 * @param text of {@code TurnCompleted}
 * @param speech 24 kHz mono samples; empty where the answer has no speech
 * @param latencies as the dataflow measured them, in milliseconds from the end of the caller's turn
 * @param atCaller as the caller measured them, in milliseconds after sending the end of the turn
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Answer(
    int turn,
    String text,
    FinishReason finishReason,
    List<ToolCall> toolCalls,
    Optional<String> transcript,
    float[] speech,
    Usage usage,
    StageLatencies latencies,
    AtCaller atCaller) {

  /** Milliseconds after the end of the turn was sent; -1 where it did not happen. */
  public record AtCaller(double firstText, double firstAudio, double completed) {}

  /** Whether the model came to its end by itself. */
  public boolean complete() {
    return finishReason == FinishReason.STOP;
  }

  /** Whether the conversation now waits for a tool's result. */
  public boolean callsTool() {
    return finishReason == FinishReason.TOOL_CALL;
  }

  /** The speech of several answers, one after the other. */
  public static float[] joinedSpeech(List<Answer> answers) {
    float[] joined = new float[answers.stream().mapToInt(a -> a.speech().length).sum()];
    int position = 0;
    for (Answer answer : answers) {
      System.arraycopy(answer.speech(), 0, joined, position, answer.speech().length);
      position += answer.speech().length;
    }
    return joined;
  }
}
