package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes spoken text as it would be written: numbers with digits, dates, times, amounts, spelled
 * words and e-mail addresses; every other word stays as it is.
 */
public final class SpokenText {
  private static final Set<String> MORNING = Set.of("am", "a");
  private static final Set<String> AFTERNOON = Set.of("pm", "p");

  private record Piece(int from, int to, String written) {}

  private final List<String> words;
  private final List<Token> tokens;
  private final List<SpokenNumber> numbers;
  private final List<Piece> pieces = new ArrayList<>();

  private SpokenText(List<String> words) {
    this.words = words;
    this.tokens = Token.of(words);
    this.numbers = SpokenNumber.in(tokens);
  }

  /** The text as it is written. */
  public static String written(String text) {
    if (text.isBlank()) {
      return "";
    }
    return new SpokenText(List.of(text.strip().split("\\s+"))).write();
  }

  private String write() {
    for (SpokenEmail email : SpokenEmail.in(tokens)) {
      add(email.from(), email.to(), address(email));
    }
    for (SpokenDate date : SpokenDate.in(tokens, numbers)) {
      add(date.from(), date.to(), date.written());
    }
    times();
    amounts();
    for (Spelling spelling : Spelling.in(tokens, numbers)) {
      add(spelling.from(), spelling.to(), spelling.symbols());
    }
    for (DigitRun run : DigitRun.in(tokens, numbers)) {
      if (run.numbers().size() > 1 && together(run)) {
        add(run.from(), run.to(), run.digits());
      } else {
        for (SpokenNumber number : run.numbers()) {
          add(number.from(), number.to(), number.digits());
        }
      }
    }
    for (SpokenNumber number : numbers) {
      if (number.ordinal() && number.to() - number.from() > 1) {
        add(number.from(), number.to(), number.digits() + suffix(number.value()));
      }
    }
    return join();
  }

  /** Digits said one by one or in pairs are one number; "two and three" are two. */
  private boolean together(DigitRun run) {
    boolean adjacent = true;
    boolean digits = true;
    for (int i = 0; i < run.numbers().size(); i++) {
      SpokenNumber number = run.numbers().get(i);
      digits &= number.form() == SpokenNumber.Form.DIGITS;
      adjacent &= i == 0 || number.from() == run.numbers().get(i - 1).to();
    }
    return adjacent || digits && run.digits().length() > 3;
  }

  private void times() {
    for (int i = 0; i < numbers.size(); i++) {
      SpokenNumber number = numbers.get(i);
      int before = number.from() - 1;
      int hour = number.value();
      boolean isHour = hour >= 1 && hour <= 12 && !number.ordinal();
      if (isHour && word(before).equals("past") && word(before - 1).equals("half")) {
        add(before - 1, number.to(), hour + ":30");
      } else if (isHour
          && word(before - 1).equals("quarter")
          && (word(before).equals("past") || word(before).equals("to"))) {
        boolean past = word(before).equals("past");
        int shown = past ? hour : hour == 1 ? 12 : hour - 1;
        add(before - 1, number.to(), shown + (past ? ":15" : ":45"));
      } else if (isHour && word(number.to()).equals("o'clock")) {
        add(number.from(), number.to() + 1, hour + ":00");
      } else if (isHour) {
        SpokenNumber minutes =
            i + 1 < numbers.size() && numbers.get(i + 1).from() == number.to()
                ? numbers.get(i + 1)
                : null;
        if (minutes != null && (minutes.digits().length() != 2 || minutes.value() >= 60)) {
          minutes = null;
        }
        int end = minutes == null ? number.to() : minutes.to();
        String after = minutes == null ? "00" : minutes.digits();
        half(end)
            .ifPresent(
                half -> add(number.from(), half.to, hour + ":" + after + " " + half.written));
      }
    }
  }

  private Optional<Piece> half(int at) {
    String word = word(at);
    if (word.equals("am") || word.equals("pm")) {
      return Optional.of(new Piece(at, at + 1, word));
    }
    if ((MORNING.contains(word) || AFTERNOON.contains(word)) && word(at + 1).equals("m")) {
      return Optional.of(new Piece(at, at + 2, word + "m"));
    }
    return Optional.empty();
  }

  private void amounts() {
    for (int i = 0; i < numbers.size(); i++) {
      SpokenNumber number = numbers.get(i);
      String unit = word(number.to());
      String sign =
          switch (unit) {
            case "pound", "pounds", "quid" -> "£";
            case "dollar", "dollars" -> "$";
            case "euro", "euros" -> "€";
            default -> "";
          };
      if (sign.isEmpty() || number.ordinal()) {
        continue;
      }
      int end = number.to() + 1;
      int next = word(end).equals("and") ? end + 1 : end;
      SpokenNumber rest =
          i + 1 < numbers.size() && numbers.get(i + 1).from() == next ? numbers.get(i + 1) : null;
      if (rest != null && (rest.ordinal() || rest.digits().length() > 2)) {
        rest = null;
      }
      boolean named =
          rest != null && Set.of("pence", "cent", "cents", "p").contains(word(rest.to()));
      if (rest != null && (named || next == end && rest.digits().length() == 2)) {
        String cents = rest.digits().length() == 1 ? "0" + rest.digits() : rest.digits();
        add(number.from(), named ? rest.to() + 1 : rest.to(), sign + number.digits() + "." + cents);
      } else {
        add(number.from(), end, sign + number.digits());
      }
    }
  }

  private String address(SpokenEmail email) {
    StringBuilder address = new StringBuilder();
    int i = email.from();
    boolean host = false;
    while (i < email.to()) {
      String written =
          switch (word(i)) {
            case "dot", "point" -> ".";
            case "underscore" -> "_";
            case "dash", "hyphen", "minus" -> "-";
            case "plus" -> "+";
            default -> word(i);
          };
      int next = i + 1;
      for (SpokenNumber number : numbers) {
        if (number.from() == i) {
          written = number.digits();
          next = Math.min(number.to(), email.to());
        }
      }
      if (word(i).equals("at") && !host) {
        written = "@";
        host = true;
      }
      boolean missingDot =
          i > email.from()
              && !tokens.get(i).first()
              && words.get(tokens.get(i).word()).contains(".");
      address.append(
          missingDot && !written.equals("@") && !address.toString().endsWith("@") ? "." : "");
      address.append(written);
      i = next;
    }
    return address.toString();
  }

  private void add(int from, int to, String written) {
    for (Piece piece : pieces) {
      if (from < piece.to && piece.from < to) {
        return;
      }
    }
    pieces.add(new Piece(from, to, written));
  }

  private String join() {
    String[] replacement = new String[words.size()];
    boolean[] covered = new boolean[words.size()];
    for (Piece piece : pieces) {
      int first = tokens.get(piece.from).word();
      int last = tokens.get(piece.to - 1).word();
      boolean whole =
          tokens.get(piece.from).first()
              && (piece.to == tokens.size() || tokens.get(piece.to).word() != last);
      boolean unchanged = first == last && words.get(first).contains(piece.written);
      if (!whole || unchanged) {
        continue;
      }
      String word = words.get(last);
      char end = word.charAt(word.length() - 1);
      replacement[first] = piece.written + (",.;?!".indexOf(end) >= 0 ? end : "");
      for (int i = first; i <= last; i++) {
        covered[i] = true;
      }
    }
    List<String> written = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (replacement[i] != null) {
        written.add(replacement[i]);
      } else if (!covered[i]) {
        written.add(words.get(i));
      }
    }
    return String.join(" ", written);
  }

  private String word(int at) {
    return at >= 0 && at < tokens.size() ? tokens.get(at).text() : "";
  }

  private static String suffix(int value) {
    int tens = value % 100;
    if (tens >= 11 && tens <= 13) {
      return "th";
    }
    return switch (value % 10) {
      case 1 -> "st";
      case 2 -> "nd";
      case 3 -> "rd";
      default -> "th";
    };
  }
}
