package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Letters and digits that were spelled: "s m i t h", "double l", "s for sugar", "sierra mike", "g b
 * two nine".
 *
 * @param from its first token
 * @param to the token after its last one
 * @param symbols the letters in capitals and the digits
 */
public record Spelling(int from, int to, String symbols) {
  private static final Map<String, String> ALPHABET = new HashMap<>();
  private static final Set<String> LETTERS_THAT_ARE_WORDS = Set.of("a", "i", "o", "u");
  private static final Set<String> NATO_WORDS_OF_DAILY_USE =
      Set.of(
          "golf",
          "hotel",
          "india",
          "lima",
          "mike",
          "november",
          "oscar",
          "papa",
          "quebec",
          "romeo",
          "tango",
          "uniform",
          "victor",
          "echo",
          "delta",
          "charlie",
          "bravo",
          "juliet");

  static {
    String nato =
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike"
            + " november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray"
            + " yankee zulu";
    for (String word : nato.split(" ")) {
      ALPHABET.put(word, word.substring(0, 1).toUpperCase(Locale.ROOT));
    }
    ALPHABET.put("zed", "Z");
    ALPHABET.put("zee", "Z");
    ALPHABET.put("double-u", "W");
  }

  /** Whether a word stands for a letter: "sierra", "zed". */
  public static boolean names(String word) {
    return ALPHABET.containsKey(word);
  }

  /** What is spelled in a text, at least three symbols each, at least one of them a letter. */
  public static List<Spelling> in(List<Token> tokens, List<SpokenNumber> numbers) {
    return in(tokens, numbers, false);
  }

  /**
   * What is spelled in a text, at least three symbols each, at least one of them a letter.
   *
   * @param expected whether something spelled is expected here, so that words such as "hotel" are
   *     taken for letters more readily
   */
  public static List<Spelling> in(
      List<Token> tokens, List<SpokenNumber> numbers, boolean expected) {
    Map<Integer, SpokenNumber> byBegin = new HashMap<>();
    for (SpokenNumber number : numbers) {
      if (!number.ordinal()) {
        byBegin.put(number.from(), number);
      }
    }
    List<Spelling> found = new ArrayList<>();
    int position = 0;
    while (position < tokens.size()) {
      @Nullable Spelling spelling = from(tokens, position, byBegin, expected);
      if (spelling == null) {
        position++;
      } else {
        found.add(spelling);
        position = spelling.to;
      }
    }
    return found;
  }

  private static @Nullable Spelling from(
      List<Token> tokens, int start, Map<Integer, SpokenNumber> numbers, boolean expected) {
    StringBuilder symbols = new StringBuilder();
    int sure = 0;
    int letters = 0;
    int position = start;
    int end = start;
    while (position < tokens.size()) {
      Token token = tokens.get(position);
      SpokenNumber number = numbers.get(position);
      String text = token.text();
      if (number != null && !(token.letter() && text.equals("o"))) {
        symbols.append(number.digits());
        position = number.to();
        end = position;
        continue;
      }
      int repeat = text.equals("double") ? 2 : text.equals("triple") ? 3 : 1;
      int at = repeat > 1 ? position + 1 : position;
      String letter = at < tokens.size() ? letter(tokens.get(at)) : "";
      if (repeat == 2 && at < tokens.size() && tokens.get(at).text().equals("u")) {
        letter = "W";
        repeat = 1;
      }
      if (!letter.isEmpty()) {
        symbols.append(letter.repeat(repeat));
        letters++;
        String spelled = tokens.get(at).text();
        sure +=
            LETTERS_THAT_ARE_WORDS.contains(spelled) || NATO_WORDS_OF_DAILY_USE.contains(spelled)
                ? 0
                : 1;
        position = at + 1;
        int after = example(tokens, position, letter);
        sure += after > position ? 2 : 0;
        position = after;
        end = position;
        continue;
      }
      if (symbols.length() > 0 && DigitRun.joining(token) && !text.equals("i")) {
        if (position - end >= 2) {
          break;
        }
        position++;
        continue;
      }
      break;
    }
    boolean enough =
        symbols.length() >= 3 && letters >= 1 && (sure >= 2 || letters >= (expected ? 2 : 5));
    return enough ? new Spelling(start, end, symbols.toString()) : null;
  }

  /** The token after "for sugar" or "as in sugar", if that follows. */
  private static int example(List<Token> tokens, int at, String letter) {
    int word = at;
    if (word < tokens.size() && tokens.get(word).text().equals("for")) {
      word++;
    } else if (word + 1 < tokens.size()
        && (tokens.get(word).text().equals("as") || tokens.get(word).text().equals("like"))
        && tokens.get(word + 1).text().equals("in")) {
      word += 2;
    } else {
      return at;
    }
    return word < tokens.size()
            && tokens.get(word).text().startsWith(letter.toLowerCase(Locale.ROOT))
        ? word + 1
        : at;
  }

  private static String letter(Token token) {
    return token.letter()
        ? token.text().toUpperCase(Locale.ROOT)
        : ALPHABET.getOrDefault(token.text(), "");
  }
}
