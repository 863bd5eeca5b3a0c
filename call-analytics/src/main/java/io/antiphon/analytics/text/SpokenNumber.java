package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A number that was spoken or written, as digits.
 *
 * @param from its first token
 * @param to the token after its last one
 * @param digits as they would be written
 * @param form how it was said
 */
public record SpokenNumber(int from, int to, String digits, Form form) {
  /** How a number is said. */
  public enum Form {
    /** Digit by digit, also "double four". */
    DIGITS,
    /** "forty two", "one hundred and five". */
    CARDINAL,
    /** "twenty first". */
    ORDINAL,
    /** "42". */
    WRITTEN
  }

  private static final Map<String, Integer> UNITS = new HashMap<>();
  private static final Map<String, Integer> TEENS = new HashMap<>();
  private static final Map<String, Integer> TENS = new HashMap<>();
  private static final Map<String, Integer> ORDINALS = new HashMap<>();
  private static final Map<String, Integer> REPEATS =
      Map.of("double", 2, "triple", 3, "treble", 3, "quadruple", 4);
  private static final Map<String, Long> SCALES =
      Map.of("thousand", 1000L, "million", 1_000_000L, "billion", 1_000_000_000L);

  static {
    count(UNITS, 1, 1, "one two three four five six seven eight nine");
    count(
        TEENS,
        10,
        1,
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen");
    count(TENS, 20, 10, "twenty thirty forty fifty sixty seventy eighty ninety");
    TENS.put("fourty", 40);
    count(
        ORDINALS,
        1,
        1,
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
            + " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
            + " twentieth");
    ORDINALS.put("thirtieth", 30);
  }

  private static void count(Map<String, Integer> values, int from, int step, String words) {
    int value = from;
    for (String word : words.split(" ")) {
      values.put(word, value);
      value += step;
    }
  }

  /** All numbers of a text, in order and without overlap. */
  public static List<SpokenNumber> in(List<Token> tokens) {
    List<SpokenNumber> numbers = new ArrayList<>();
    int position = 0;
    while (position < tokens.size()) {
      boolean adjacent = !numbers.isEmpty() && numbers.get(numbers.size() - 1).to == position;
      Optional<SpokenNumber> number = at(tokens, position, adjacent);
      if (number.isPresent()) {
        numbers.add(number.get());
        position = number.get().to;
      } else {
        position++;
      }
    }
    return numbers;
  }

  public boolean ordinal() {
    return form == Form.ORDINAL;
  }

  /** The number's value; -1 if it has more than nine digits. */
  public int value() {
    return digits.length() > 9 ? -1 : Integer.parseInt(digits);
  }

  static boolean zero(String word) {
    return word.equals("zero") || word.equals("nought") || word.equals("naught");
  }

  private static boolean letterForZero(String word) {
    return word.equals("oh") || word.equals("o") || word.equals("nil");
  }

  private static Optional<SpokenNumber> at(List<Token> tokens, int i, boolean adjacent) {
    Token token = tokens.get(i);
    String word = token.text();
    if (token.numeric()) {
      return found(i, i + 1, word, Form.WRITTEN);
    }
    if (Character.isDigit(word.charAt(0))) {
      return found(i, i + 1, word.substring(0, word.length() - 2), Form.ORDINAL);
    }
    Integer repeat = REPEATS.get(word);
    if (repeat != null && i + 1 < tokens.size()) {
      String digit = digit(tokens.get(i + 1).text());
      return digit.isEmpty()
          ? Optional.empty()
          : found(i, i + 2, digit.repeat(repeat), Form.DIGITS);
    }
    if (zero(word)) {
      return found(i, i + 1, "0", Form.DIGITS);
    }
    if (letterForZero(word)) {
      boolean before = i + 1 < tokens.size() && startsNumber(tokens.get(i + 1));
      return adjacent || before ? found(i, i + 1, "0", Form.DIGITS) : Optional.empty();
    }
    if (ORDINALS.containsKey(word)) {
      return found(i, i + 1, ORDINALS.get(word).toString(), Form.ORDINAL);
    }
    return cardinal(tokens, i);
  }

  private static Optional<SpokenNumber> cardinal(List<Token> tokens, int i) {
    long sum = 0;
    long lastScale = Long.MAX_VALUE;
    int position = i;
    boolean large = false;
    while (true) {
      int start = position;
      if (position > i && word(tokens, position).equals("and")) {
        start++;
      }
      long[] group = group(tokens, start);
      if (group[1] == start) {
        break;
      }
      int next = (int) group[1];
      Long scale = SCALES.get(word(tokens, next));
      if (position > i && (scale == null ? 1 : scale) >= lastScale) {
        break;
      }
      if (group[2] > 0) { // an ordinal ends the number
        return found(i, next, Long.toString(sum + group[0]), Form.ORDINAL);
      }
      sum += group[0] * (scale == null ? 1 : scale);
      position = scale == null ? next : next + 1;
      if (scale == null) {
        large |= group[0] > 99;
        break;
      }
      large = true;
      lastScale = scale;
    }
    if (position == i) {
      return Optional.empty();
    }
    Form form = sum < 10 && !large ? Form.DIGITS : Form.CARDINAL;
    return found(i, position, Long.toString(sum), form);
  }

  /**
   * {value below 1000, the token after it, 1 if it is an ordinal}; the token is {@code i} if none.
   */
  private static long[] group(List<Token> tokens, int i) {
    String word = word(tokens, i);
    boolean article =
        word.equals("a")
            && (word(tokens, i + 1).equals("hundred") || SCALES.containsKey(word(tokens, i + 1)));
    long[] small = article ? new long[] {1, i + 1, 0} : small(tokens, i);
    if (small[1] == i || small[2] > 0 || !word(tokens, (int) small[1]).equals("hundred")) {
      return small;
    }
    int next = (int) small[1] + 1;
    long value = small[0] * 100;
    int rest = word(tokens, next).equals("and") ? next + 1 : next;
    long[] tail = small(tokens, rest);
    if (tail[1] == rest) {
      return new long[] {value, next, 0};
    }
    return new long[] {value + tail[0], tail[1], tail[2]};
  }

  private static long[] small(List<Token> tokens, int i) {
    String word = word(tokens, i);
    Integer tens = TENS.get(word);
    if (tens != null) {
      String next = word(tokens, i + 1);
      Integer unit = UNITS.get(next);
      if (unit != null) {
        return new long[] {tens + unit, i + 2, 0};
      }
      Integer ordinal = ORDINALS.get(next);
      return ordinal != null && ordinal < 10
          ? new long[] {tens + ordinal, i + 2, 1}
          : new long[] {tens, i + 1, 0};
    }
    Integer value = UNITS.getOrDefault(word, TEENS.get(word));
    return value == null ? new long[] {0, i, 0} : new long[] {value, i + 1, 0};
  }

  private static boolean startsNumber(Token token) {
    String word = token.text();
    return token.numeric()
        || UNITS.containsKey(word)
        || TENS.containsKey(word)
        || TEENS.containsKey(word)
        || REPEATS.containsKey(word)
        || zero(word)
        || word.equals("oh");
  }

  private static String digit(String word) {
    if (zero(word) || letterForZero(word)) {
      return "0";
    }
    if (word.length() == 1 && Character.isDigit(word.charAt(0))) {
      return word;
    }
    Integer unit = UNITS.get(word);
    return unit == null ? "" : unit.toString();
  }

  private static String word(List<Token> tokens, int i) {
    return i < tokens.size() ? tokens.get(i).text() : "";
  }

  private static Optional<SpokenNumber> found(int from, int to, String digits, Form form) {
    return Optional.of(new SpokenNumber(from, to, digits, form));
  }
}
