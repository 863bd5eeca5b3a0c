package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of a word that is letters or digits alone: "twenty-one" has two, "SW1A" three.
 *
 * @param text in lower case
 * @param word the number of the word in the text, from 0
 * @param first whether it is the word's first piece
 * @param capital whether it begins with a capital letter and has a small one
 * @param stop whether punctuation that ends a clause follows the word
 */
public record Token(String text, int word, boolean first, boolean capital, boolean stop) {
  private static final Pattern PIECE =
      Pattern.compile("\\p{L}+(?:['\u2019]\\p{L}+)*|\\d+(?:st|nd|rd|th)?(?!\\p{L})|\\d+|@|\\+");

  /** The pieces of the words. */
  public static List<Token> of(List<String> words) {
    List<Token> tokens = new ArrayList<>();
    for (int word = 0; word < words.size(); word++) {
      String text = words.get(word);
      char end = text.charAt(text.length() - 1);
      boolean stops = end == ',' || end == '.' || end == ';' || end == '?' || end == '!';
      Matcher pieces = PIECE.matcher(text);
      boolean first = true;
      while (pieces.find()) {
        String piece = pieces.group().replace('\u2019', '\'');
        boolean capital =
            Character.isUpperCase(piece.charAt(0))
                && piece.length() > 1
                && Character.isLowerCase(piece.charAt(1));
        tokens.add(
            new Token(
                piece.toLowerCase(Locale.ROOT),
                word,
                first,
                capital,
                stops && pieces.end() >= text.length() - 1));
        first = false;
      }
    }
    return tokens;
  }

  boolean numeric() {
    return Character.isDigit(text.charAt(0)) && Character.isDigit(text.charAt(text.length() - 1));
  }

  /** One letter alone, as it is spelled. */
  boolean letter() {
    return text.length() == 1 && Character.isLetter(text.charAt(0));
  }
}
