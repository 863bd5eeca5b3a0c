package io.antiphon.chaos.callers;

import io.antiphon.client.AnswerCollector;
import io.antiphon.client.Playback;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One answer as its caller got it, duplicates dropped and in order, with the times of its audio.
 * Thread safe.
 */
public final class ReceivedAnswer {
  /** 24 kHz PCM16. */
  private static final int BYTES_PER_MILLISECOND = 48;

  /** A frame of audio is one speech token, 25 of them a second. */
  public static final int FRAME_BYTES = 40 * BYTES_PER_MILLISECOND;

  /** Audio that came at {@link System#nanoTime()}. */
  private record Piece(long at, int bytes) {}

  private final long beganAt;
  private final long askedAt;
  private final AnswerCollector collector;
  private final Playback playback = new Playback();
  private final List<Piece> pieces = new ArrayList<>();
  private long audioBytes;
  private long silence;
  private long bytesTwice;
  private long bytesSkipped;

  /**
   * @param beganAt when the caller began to speak, as {@link System#nanoTime()}
   * @param askedAt when the end of the caller's turn was sent
   * @param transcribed whether a transcript belongs to the answer
   */
  public ReceivedAnswer(long beganAt, long askedAt, boolean transcribed) {
    this.beganAt = beganAt;
    this.askedAt = askedAt;
    this.collector = new AnswerCollector(true, transcribed, askedAt);
  }

  public synchronized void add(SpeechResponse piece, long at) {
    int length = piece.getBytes().remaining();
    long place = piece.getOffsetMillis() * BYTES_PER_MILLISECOND;
    // Offsets are whole milliseconds; pieces need not be.
    long step = place - audioBytes;
    if (step >= BYTES_PER_MILLISECOND) {
      bytesSkipped += step;
    } else if (step <= -BYTES_PER_MILLISECOND) {
      bytesTwice += Math.min(length, -step);
    }
    audioBytes += length;
    collector.add(piece);
    if (length > 0) {
      long before = playback.playedOut();
      silence += playback.begun() ? Math.max(0, at - before) : 0;
      playback.arrive(at, length * 1_000_000L / BYTES_PER_MILLISECOND);
      pieces.add(new Piece(at, length));
    }
  }

  public synchronized void add(TextResponse response) {
    collector.add(response);
  }

  public synchronized boolean whole() {
    return collector.whole();
  }

  /** The end of the answer as the live topic told it; empty before. */
  public synchronized Optional<TurnCompleted> completed() {
    return collector.completed();
  }

  /** Identifiers of the tools' calls that wait for a result. */
  public synchronized List<String> calls() {
    return collector
        .completed()
        .filter(end -> end.getFinishReason() == FinishReason.TOOL_CALL)
        .map(end -> collector.toolCalls().stream().map(ToolCall::getCallId).toList())
        .orElse(List.of());
  }

  /** Whether its audio has begun and is not at its end. */
  public synchronized boolean midSentence() {
    return playback.begun() && !collector.speechEnded();
  }

  /** When all audio that came has been played, as {@link System#nanoTime()}. */
  public synchronized long playedAt() {
    return playback.begun() ? playback.playedOut() : askedAt;
  }

  /** How long playback stood still after it had begun, in milliseconds. */
  public synchronized double silenceMillis() {
    return silence / 1e6;
  }

  public long beganAt() {
    return beganAt;
  }

  public long askedAt() {
    return askedAt;
  }

  /** From the caller's end of turn to the first audio at the caller; -1 without audio. */
  public synchronized double firstAudioMillis() {
    return pieces.isEmpty() ? -1 : (pieces.get(0).at() - askedAt) / 1e6;
  }

  /** When the first audio came that came later than a time; -1 if none did. */
  public synchronized long firstAudioAfter(long time) {
    return pieces.stream().mapToLong(Piece::at).filter(at -> at > time).findFirst().orElse(-1);
  }

  /** When the longest silence after a time ended, playback left aside; -1 if nothing came later. */
  public synchronized long voiceBackAfter(long time) {
    long before = time;
    long longest = -1;
    long back = -1;
    for (Piece piece : pieces) {
      if (piece.at() > time) {
        if (piece.at() - before > longest) {
          longest = piece.at() - before;
          back = piece.at();
        }
        before = piece.at();
      }
    }
    return back;
  }

  /** When the last audio came; the question's end if none did. */
  public synchronized long lastAudioAt() {
    return pieces.isEmpty() ? askedAt : pieces.get(pieces.size() - 1).at();
  }

  public synchronized byte[] audio() {
    short[] samples = collector.samples();
    return SampleCoding.toPcm16(samples, 0, samples.length).array();
  }

  /** Frames that were passed over between two pieces. */
  public synchronized long framesSkipped() {
    return frames(bytesSkipped);
  }

  /** Frames that were given out a second time. */
  public synchronized long framesTwice() {
    return frames(bytesTwice);
  }

  /** Everything but the audio that must be the same in every run. */
  public synchronized String content() {
    return end(collector.completed().orElseThrow())
        + ", pieces of text \""
        + collector.deltas()
        + "\", transcript \""
        + collector.transcript().orElse("")
        + "\", tools "
        + collector.toolCalls().stream()
            .map(call -> call.getName() + " " + call.getArguments())
            .toList()
        + collector
            .failure()
            .map(failed -> ", failed with " + failed.getCode() + ": " + failed.getMessage())
            .orElse("");
  }

  /** What an answer's end says, without the times, which are those of the run. */
  public static String end(TurnCompleted body) {
    return "text \""
        + body.getText()
        + "\", "
        + body.getFinishReason()
        + ", "
        + body.getUsage()
        + ", audio "
        + body.getAudioMillis()
        + " ms";
  }

  public static long frames(long bytes) {
    return (bytes + FRAME_BYTES - 1) / FRAME_BYTES;
  }
}
