package io.antiphon.client;

import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts one answer together from its ordered, de-duplicated responses and tells when it is whole.
 * Not thread safe.
 */
public final class AnswerCollector {
  private final boolean speaks;
  private final boolean transcribes;
  private final long begin;
  private final StringBuilder deltas = new StringBuilder();
  private final List<ToolCall> toolCalls = new ArrayList<>();
  private final List<short[]> pieces = new ArrayList<>();
  private Optional<String> transcript = Optional.empty();
  private Optional<ConversationFailed> failure = Optional.empty();
  private int turn;
  private Optional<TurnCompleted> completed = Optional.empty();
  private int sampleCount;
  private boolean speechEnded;
  private double firstText = -1;
  private double firstAudio = -1;
  private double lastResponse = -1;

  /**
   * @param speaks whether the conversation's answers have speech
   * @param transcribes whether a transcript of the caller's turn belongs to the answer
   * @param begin {@link System#nanoTime()} at the end of the caller's turn
   */
  public AnswerCollector(boolean speaks, boolean transcribes, long begin) {
    this.speaks = speaks;
    this.transcribes = transcribes;
    this.begin = begin;
  }

  /**
   * Takes an ordered response of this answer's turn. What is about the conversation as a whole, a
   * refusal for example, is the caller's to act on and changes nothing here.
   */
  public void add(TextResponse response) {
    Object body = response.getBody();
    if (body instanceof TextDelta delta) {
      if (firstText < 0) {
        firstText = elapsed();
      }
      deltas.append(delta.getText());
    } else if (body instanceof ToolCall call) {
      toolCalls.add(call);
    } else if (body instanceof InputTranscript text) {
      transcript = Optional.of(text.getText());
    } else if (body instanceof ConversationFailed failed) {
      failure = Optional.of(failed); // the end of the turn follows
    } else if (body instanceof TurnCompleted end) {
      turn = response.getTurn();
      completed = Optional.of(end);
      lastResponse = elapsed();
    }
  }

  /** Takes an ordered piece of this answer's speech. */
  public void add(SpeechResponse response) {
    short[] samples = SampleCoding.fromPcm16(response.getBytes());
    if (samples.length > 0) {
      if (firstAudio < 0) {
        firstAudio = elapsed();
      }
      pieces.add(samples);
      sampleCount += samples.length;
    }
    speechEnded |= response.getLast();
    lastResponse = elapsed();
  }

  /** Why the turn has no answer; empty of one that has. */
  public Optional<ConversationFailed> failure() {
    return failure;
  }

  /** The answer's text as it came, piece by piece. */
  public String deltas() {
    return deltas.toString();
  }

  /** The tools called so far. */
  public List<ToolCall> toolCalls() {
    return List.copyOf(toolCalls);
  }

  /** What was understood of the caller's turn. */
  public Optional<String> transcript() {
    return transcript;
  }

  /** The end of the answer; empty before it came. */
  public Optional<TurnCompleted> completed() {
    return completed;
  }

  /** Whether the last piece of speech is there. */
  public boolean speechEnded() {
    return speechEnded;
  }

  /** Samples of all pieces that came, as they are in the records. */
  public short[] samples() {
    short[] samples = new short[sampleCount];
    int position = 0;
    for (short[] piece : pieces) {
      System.arraycopy(piece, 0, samples, position, piece.length);
      position += piece.length;
    }
    return samples;
  }

  /** Whether nothing of the answer is still to come. */
  public boolean whole() {
    return missing().isEmpty();
  }

  /** What is still to come, for messages; empty if nothing. */
  public String missing() {
    if (completed.isEmpty()) {
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

  /** The whole answer; only when it is {@link #whole()}. */
  public Answer build() {
    TurnCompleted end = completed.orElseThrow();
    return new Answer(
        turn,
        end.getText(),
        end.getFinishReason(),
        toolCalls(),
        transcript,
        SampleCoding.toFloats(samples()),
        end.getUsage(),
        end.getLatencies(),
        new Answer.AtCaller(firstText, firstAudio, lastResponse));
  }

  /** An answer without audio has no last piece either. */
  private boolean hasSpeech() {
    return completed.orElseThrow().getAudioMillis() > 0;
  }

  private double elapsed() {
    return (System.nanoTime() - begin) / 1e6;
  }
}
