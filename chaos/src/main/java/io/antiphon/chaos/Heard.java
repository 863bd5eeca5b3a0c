package io.antiphon.chaos;

import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * One answer as its caller got it, duplicates dropped and in order, with the times of its audio.
 * Thread safe.
 */
final class Heard {
  /** 24 kHz PCM16. */
  private static final int BYTES_PER_MILLISECOND = 48;

  /** A frame of audio is one speech token, 25 of them a second. */
  static final int FRAME_BYTES = 40 * BYTES_PER_MILLISECOND;

  /** Audio that came at {@link System#nanoTime()}. */
  private record Piece(long at, int bytes) {}

  private final long beganAt;
  private final long askedAt;
  private final boolean transcribed;
  private final StringBuilder deltas = new StringBuilder();
  private final List<String> toolCalls = new ArrayList<>();
  private final List<String> callIds = new ArrayList<>();
  private final List<Piece> pieces = new ArrayList<>();
  private final ByteArrayOutputStream audio = new ByteArrayOutputStream();
  private String transcript = "";
  private String failure = "";
  private TurnCompleted completed;
  private boolean spoken;
  private long bytesTwice;
  private long bytesSkipped;

  /**
   * @param beganAt when the caller began to speak, as {@link System#nanoTime()}
   * @param askedAt when the end of the caller's turn was sent
   * @param transcribed whether a transcript belongs to the answer
   */
  Heard(long beganAt, long askedAt, boolean transcribed) {
    this.beganAt = beganAt;
    this.askedAt = askedAt;
    this.transcribed = transcribed;
  }

  synchronized void add(SpeechResponse piece, long at) {
    int length = piece.getBytes().remaining();
    long place = piece.getOffsetMillis() * BYTES_PER_MILLISECOND;
    // Offsets are whole milliseconds; pieces need not be.
    long step = place - audio.size();
    if (step >= BYTES_PER_MILLISECOND) {
      bytesSkipped += step;
    } else if (step <= -BYTES_PER_MILLISECOND) {
      bytesTwice += Math.min(length, -step);
    }
    byte[] bytes = new byte[length];
    piece.getBytes().duplicate().get(bytes);
    audio.writeBytes(bytes);
    if (length > 0) {
      pieces.add(new Piece(at, length));
    }
    spoken |= piece.getLast();
  }

  synchronized void text(String delta) {
    deltas.append(delta);
  }

  synchronized void call(ToolCall call) {
    toolCalls.add(call.getName() + " " + call.getArguments());
    callIds.add(call.getCallId());
  }

  synchronized void transcript(String text) {
    transcript = text;
  }

  synchronized void fail(ConversationFailed reason) {
    failure = reason.getCode() + ": " + reason.getMessage();
  }

  synchronized void complete(TurnCompleted body) {
    completed = body;
  }

  synchronized boolean whole() {
    return completed != null
        && (completed.getAudioMillis() == 0 || spoken)
        && (!transcribed
            || completed.getFinishReason() == FinishReason.FAILED
            || !transcript.isEmpty());
  }

  /** The end of the answer as the live topic told it; null before. */
  synchronized TurnCompleted completed() {
    return completed;
  }

  /** Identifiers of the tools' calls that wait for a result. */
  synchronized List<String> calls() {
    return completed != null && completed.getFinishReason() == FinishReason.TOOL_CALL
        ? List.copyOf(callIds)
        : List.of();
  }

  /** Whether its audio has begun and is not at its end. */
  synchronized boolean midSentence() {
    return !pieces.isEmpty() && !spoken;
  }

  /** When all audio that came has been played, as {@link System#nanoTime()}. */
  synchronized long playedAt() {
    long played = askedAt;
    for (Piece piece : pieces) {
      played = Math.max(played, piece.at()) + nanos(piece);
    }
    return played;
  }

  /** How long playback stood still after it had begun, in milliseconds. */
  synchronized double silenceMillis() {
    long silence = 0;
    long played = Long.MAX_VALUE;
    for (Piece piece : pieces) {
      silence += Math.max(0, piece.at() - played);
      played =
          (played == Long.MAX_VALUE ? piece.at() : Math.max(played, piece.at())) + nanos(piece);
    }
    return silence / 1e6;
  }

  long beganAt() {
    return beganAt;
  }

  long askedAt() {
    return askedAt;
  }

  /** From the caller's end of turn to the first audio at the caller; -1 without audio. */
  synchronized double firstAudioMillis() {
    return pieces.isEmpty() ? -1 : (pieces.get(0).at() - askedAt) / 1e6;
  }

  /** When the first audio came that came later than a time; -1 if none did. */
  synchronized long firstAudioAfter(long time) {
    return pieces.stream().mapToLong(Piece::at).filter(at -> at > time).findFirst().orElse(-1);
  }

  /** When the longest silence after a time ended, playback left aside; -1 if nothing came later. */
  synchronized long voiceBackAfter(long time) {
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
  synchronized long lastAudioAt() {
    return pieces.isEmpty() ? askedAt : pieces.get(pieces.size() - 1).at();
  }

  synchronized byte[] audio() {
    return audio.toByteArray();
  }

  /** Frames that were passed over between two pieces. */
  synchronized long framesSkipped() {
    return frames(bytesSkipped);
  }

  /** Frames that were given out a second time. */
  synchronized long framesTwice() {
    return frames(bytesTwice);
  }

  /** Everything but the audio that must be the same in every run. */
  synchronized String content() {
    return end(completed)
        + ", pieces of text \""
        + deltas
        + "\", transcript \""
        + transcript
        + "\", tools "
        + toolCalls
        + (failure.isEmpty() ? "" : ", failed with " + failure);
  }

  /** What an answer's end says, without the times, which are those of the run. */
  static String end(TurnCompleted body) {
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

  static long frames(long bytes) {
    return (bytes + FRAME_BYTES - 1) / FRAME_BYTES;
  }

  private static long nanos(Piece piece) {
    return piece.bytes() * 1_000_000L / BYTES_PER_MILLISECOND;
  }
}
