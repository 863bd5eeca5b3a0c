package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Numbers that belong together because nothing but fillers and words like "dash" stands between
 * them: "four one, uh, double one" is one run of four digits.
 *
 * @param from its first token
 * @param to the token after its last one
 * @param digits all of its digits
 * @param numbers its numbers; none of them is an ordinal
 */
public record DigitRun(int from, int to, String digits, List<SpokenNumber> numbers) {
  private static final Set<String> JOINING =
      Set.of(
          "dash",
          "hyphen",
          "space",
          "and",
          "then",
          "uh",
          "um",
          "er",
          "erm",
          "ah",
          "hm",
          "hmm",
          "mhm",
          "comma",
          "point",
          "dot",
          "slash",
          "stroke",
          "sorry",
          "no",
          "okay",
          "ok",
          "yeah",
          "yes",
          "right",
          "so",
          "followed",
          "by",
          "pause",
          "+",
          "wait",
          "again",
          "well",
          "like",
          "let",
          "me",
          "see",
          "that's",
          "is",
          "it's",
          "i",
          "mean");
  private static final int MOST_JOINING = 3;

  public DigitRun {
    numbers = List.copyOf(numbers);
  }

  /** The runs of a text. */
  public static List<DigitRun> in(List<Token> tokens, List<SpokenNumber> numbers) {
    List<DigitRun> runs = new ArrayList<>();
    List<SpokenNumber> run = new ArrayList<>();
    for (SpokenNumber number : numbers) {
      if (number.ordinal()) {
        continue;
      }
      if (!run.isEmpty() && !joined(tokens, run.get(run.size() - 1).to(), number.from())) {
        runs.add(of(run));
        run.clear();
      }
      run.add(number);
    }
    if (!run.isEmpty()) {
      runs.add(of(run));
    }
    return runs;
  }

  /** Whether only joining words stand in {@code tokens[from]} to before {@code tokens[to]}. */
  static boolean joined(List<Token> tokens, int from, int to) {
    if (to - from > MOST_JOINING) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (!joining(tokens.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the token may stand within a run. */
  public static boolean joining(Token token) {
    return JOINING.contains(token.text());
  }

  private static DigitRun of(List<SpokenNumber> numbers) {
    StringBuilder digits = new StringBuilder();
    numbers.forEach(number -> digits.append(number.digits()));
    return new DigitRun(
        numbers.get(0).from(), numbers.get(numbers.size() - 1).to(), digits.toString(), numbers);
  }
}
