package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A date with a day and a month: "the twenty first of march nineteen eighty", "March 3rd", "third
 * of the fourth eighty five", "3/4/1985". A month or a year alone is none.
 *
 * @param from its first token
 * @param to the token after its last one
 * @param day of the month
 * @param month from 1
 * @param year as it was said, with two or four digits; empty if it was not
 */
public record SpokenDate(int from, int to, int day, int month, String year) {
  private static final Map<String, Integer> MONTHS = new HashMap<>();

  static {
    int month = 1;
    for (String name :
        "january february march april may june july august september october november december"
            .split(" ")) {
      MONTHS.put(name, month);
      MONTHS.put(name.substring(0, 3), month);
      month++;
    }
    MONTHS.put("sept", 9);
    MONTHS.remove("mar");
  }

  /** As it is written: "21 March 1980". */
  public String written() {
    String name = "";
    for (Map.Entry<String, Integer> entry : MONTHS.entrySet()) {
      if (entry.getValue() == month && entry.getKey().length() > name.length()) {
        name = entry.getKey();
      }
    }
    name = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    return day + " " + name + (year.isEmpty() ? "" : " " + year);
  }

  /** Whether a word names a month. */
  public static boolean month(String word) {
    return MONTHS.containsKey(word);
  }

  /** The dates of a text. */
  public static List<SpokenDate> in(List<Token> tokens, List<SpokenNumber> numbers) {
    List<SpokenDate> dates = new ArrayList<>();
    int free = 0;
    for (int i = 0; i < numbers.size(); i++) {
      SpokenNumber number = numbers.get(i);
      if (number.from() < free) {
        continue;
      }
      @Nullable SpokenDate date = at(tokens, numbers, i, free);
      if (date != null) {
        dates.add(date);
        free = date.to;
      }
    }
    return dates;
  }

  private static @Nullable SpokenDate at(
      List<Token> tokens, List<SpokenNumber> numbers, int index, int free) {
    SpokenNumber day = numbers.get(index);
    int value = day.value();
    if (value < 1 || value > 31) {
      return null;
    }
    // day, "of", month name
    int next = skip(tokens, day.to(), "of");
    Integer month = MONTHS.get(text(tokens, next));
    if (month != null && (day.ordinal() || next > day.to() || sureMonth(tokens, next))) {
      return year(tokens, numbers, begin(tokens, day.from(), free), next + 1, value, month);
    }
    // month name, "the", day
    int before = day.from() - 1;
    if (before >= free && text(tokens, before).equals("the")) {
      before--;
    }
    Integer named = before >= free ? MONTHS.get(text(tokens, before)) : null;
    if (named != null && (day.ordinal() || sureMonth(tokens, before))) {
      return year(tokens, numbers, before, day.to(), value, named);
    }
    // "third of the fourth", "3/4/1985"
    if (index + 1 < numbers.size()) {
      SpokenNumber second = numbers.get(index + 1);
      int gap = skip(tokens, skip(tokens, day.to(), "of"), "the");
      boolean spoken = day.ordinal() && second.ordinal() && second.from() == gap && gap > day.to();
      boolean written =
          day.form() == SpokenNumber.Form.WRITTEN
              && second.form() == SpokenNumber.Form.WRITTEN
              && second.from() == day.to()
              && tokens.get(second.from()).word() == tokens.get(day.from()).word()
              && index + 2 < numbers.size()
              && tokens.get(numbers.get(index + 2).from()).word() == tokens.get(day.from()).word();
      if ((spoken || written) && second.value() >= 1 && second.value() <= 12) {
        return year(
            tokens, numbers, begin(tokens, day.from(), free), second.to(), value, second.value());
      }
    }
    return null;
  }

  private static SpokenDate year(
      List<Token> tokens, List<SpokenNumber> numbers, int from, int to, int day, int month) {
    int next = skip(tokens, skip(tokens, to, "of"), "in");
    StringBuilder digits = new StringBuilder();
    int end = to;
    for (SpokenNumber number : numbers) {
      if (number.from() == next
          && !number.ordinal()
          && digits.length() + number.digits().length() <= 4) {
        digits.append(number.digits());
        next = number.to();
        end = next;
      }
    }
    if (digits.length() != 2 && digits.length() != 4) {
      return new SpokenDate(from, to, day, month, "");
    }
    return new SpokenDate(from, end, day, month, digits.toString());
  }

  /** "march" and "may" are words of their own: only a number right beside makes them months. */
  private static boolean sureMonth(List<Token> tokens, int at) {
    String month = text(tokens, at);
    return !month.equals("may") && !month.equals("march") || tokens.get(at).capital();
  }

  private static int begin(List<Token> tokens, int from, int free) {
    return from - 1 >= free && text(tokens, from - 1).equals("the") ? from - 1 : from;
  }

  private static int skip(List<Token> tokens, int at, String word) {
    return text(tokens, at).equals(word) ? at + 1 : at;
  }

  private static String text(List<Token> tokens, int at) {
    return at >= 0 && at < tokens.size() ? tokens.get(at).text() : "";
  }
}
