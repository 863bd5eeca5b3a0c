package io.antiphon.gateway.realtime;

import java.util.ArrayList;
import java.util.List;

/** An answer's text with the times at which its pieces are spoken. For one strand. */
final class TimedText {
  private record Piece(int end, long offsetMillis) {}

  private final StringBuilder text = new StringBuilder();
  private final List<Piece> pieces = new ArrayList<>();
  private boolean aligned = true;
  private long audioMillis;

  void add(String piece, long offsetMillis) {
    aligned &= offsetMillis >= 0;
    text.append(piece);
    pieces.add(new Piece(text.length(), offsetMillis));
  }

  /** So much of the answer's audio has come. */
  void audio(long millis) {
    audioMillis = Math.max(audioMillis, millis);
  }

  long audioMillis() {
    return audioMillis;
  }

  String text() {
    return text.toString();
  }

  /** What was spoken up to a time; by share of the length where the times are not known. */
  String until(long millis) {
    if (millis >= audioMillis) {
      return text();
    }
    if (aligned && !pieces.isEmpty()) {
      int end = 0;
      for (Piece piece : pieces) {
        if (piece.offsetMillis >= millis) {
          break;
        }
        end = piece.end;
      }
      return text.substring(0, end).stripTrailing();
    }
    int cut = audioMillis == 0 ? 0 : (int) (text.length() * millis / audioMillis);
    while (cut > 0 && !Character.isWhitespace(text.charAt(cut))) {
      cut--;
    }
    return text.substring(0, cut).stripTrailing();
  }
}
