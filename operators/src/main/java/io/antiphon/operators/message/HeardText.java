package io.antiphon.operators.message;

import java.text.BreakIterator;
import java.util.Locale;

/**
 * How much of an answer's text was heard. Text and speech of an answer are not aligned word by
 * word, so it is the share of the text that was played, up to the end of a word.
 */
public final class HeardText {
  private HeardText() {}

  /**
   * @param spoken the text that the speech belongs to
   * @param from where the speech begins in it, in characters
   * @param playedMillis of the speech
   * @param audioMillis length of the speech
   * @return where what was heard ends, in characters
   */
  public static int end(String spoken, int from, long playedMillis, long audioMillis) {
    if (audioMillis <= 0 || playedMillis >= audioMillis) {
      return spoken.length();
    }
    BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
    characters.setText(spoken);
    int share = from + (int) ((spoken.length() - from) * playedMillis / audioMillis);
    int cut = characters.isBoundary(share) ? share : characters.preceding(share);
    while (cut > from && cut < spoken.length() && !endsWord(spoken, cut)) {
      cut = characters.preceding(cut);
    }
    return cut;
  }

  /** Whether a word ends before {@code cut}; some scripts have no spaces between words. */
  private static boolean endsWord(String text, int cut) {
    return Character.isWhitespace(text.codePointAt(cut)) || isUnspaced(text.codePointBefore(cut));
  }

  private static boolean isUnspaced(int character) {
    return switch (Character.UnicodeScript.of(character)) {
      case HAN, HIRAGANA, KATAKANA, BOPOMOFO, THAI, LAO, KHMER, MYANMAR -> true;
      default -> character >= 0x3000 && character <= 0x303f; // their punctuation
    };
  }
}
