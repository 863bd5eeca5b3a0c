package io.antiphon.client;

import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts one answer together from its ordered, de-duplicated responses. */
final class AnswerCollector {
  private final boolean speaks;
  private final boolean transcribes;
  private final long begin;
  private final List<ToolCall> toolCalls = new ArrayList<>();
  private final List<short[]> pieces = new ArrayList<>();
  private Optional<String> transcript = Optional.empty();
  private Optional<ConversationFailed> failure = Optional.empty();
  private int turn;
  private TurnCompleted completed;
  private boolean speechEnded;
  private double firstText = -1;
  private double firstAudio = -1;
  private double lastResponse = -1;

  /**
   * @param speaks whether the conversation's answers have speech
   * @param transcribes whether a transcript of the caller's turn belongs to the answer
   * @param begin {@link System#nanoTime()} at the end of the caller's turn
   */
  AnswerCollector(boolean speaks, boolean transcribes, long begin) {
    this.speaks = speaks;
    this.transcribes = transcribes;
    this.begin = begin;
  }

  void textCame() {
    if (firstText < 0) {
      firstText = elapsed();
    }
  }

  void add(ToolCall call) {
    toolCalls.add(call);
  }

  /** Why the turn has no answer; the end of the turn follows. */
  void failed(ConversationFailed reason) {
    failure = Optional.of(reason);
  }

  Optional<ConversationFailed> failure() {
    return failure;
  }

  void transcript(String text) {
    transcript = Optional.of(text);
  }

  void add(SpeechResponse response) {
    short[] samples = SampleCoding.fromPcm16(response.getBytes());
    if (samples.length > 0) {
      if (firstAudio < 0) {
        firstAudio = elapsed();
      }
      pieces.add(samples);
    }
    speechEnded |= response.getLast();
    lastResponse = elapsed();
  }

  void complete(int number, TurnCompleted body) {
    turn = number;
    completed = body;
    lastResponse = elapsed();
  }

  boolean whole() {
    return missing().isEmpty();
  }

  /** What is still to come, for messages; empty if nothing. */
  String missing() {
    if (completed == null) {
      return firstText < 0 && pieces.isEmpty()
          ? "the answer has not begun"
          : "the answer has begun but is not complete";
    }
    if (speaks && hasSpeech() && !speechEnded) {
      return "the answer's text is complete but its speech is not";
    }
    return transcribes && failure.isEmpty() && transcript.isEmpty()
        ? "the transcript of the caller's turn is missing"
        : "";
  }

  Answer build() {
    return new Answer(
        turn,
        completed.getText(),
        completed.getFinishReason(),
        List.copyOf(toolCalls),
        transcript,
        joined(),
        completed.getUsage(),
        completed.getLatencies(),
        new Answer.AtCaller(firstText, firstAudio, lastResponse));
  }

  /** An answer without audio has no last piece either. */
  private boolean hasSpeech() {
    return completed.getAudioMillis() > 0;
  }

  private float[] joined() {
    float[] samples = new float[pieces.stream().mapToInt(p -> p.length).sum()];
    int position = 0;
    for (short[] piece : pieces) {
      for (short sample : piece) {
        samples[position++] = SampleCoding.toFloat(sample);
      }
    }
    return samples;
  }

  private double elapsed() {
    return (System.nanoTime() - begin) / 1e6;
  }
}
