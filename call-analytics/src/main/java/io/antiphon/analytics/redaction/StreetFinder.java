package io.antiphon.analytics.redaction;

import io.antiphon.analytics.text.SpokenNumber;
import io.antiphon.analytics.text.Token;
import java.util.List;
import java.util.Set;

/** Finds streets: those of the list, "… street", and what follows "my address is". */
final class StreetFinder {
  private static final int LONGEST_NAME = 2;
  private static final int SHORT_ANSWER = 8;

  /** Words before "street" and "road" that make no name of it. */
  private static final Set<String> NO_NAME =
      Set.of("which", "what", "whole", "main", "same", "side", "dead", "long", "busy");

  private final NameLists lists;
  private final List<Token> tokens;
  private final List<SpokenNumber> numbers;
  private final boolean askedFor;
  private final boolean partial;

  StreetFinder(
      NameLists lists,
      List<Token> tokens,
      List<SpokenNumber> numbers,
      boolean askedFor,
      boolean partial) {
    this.lists = lists;
    this.tokens = tokens;
    this.numbers = numbers;
    this.askedFor = askedFor;
    this.partial = partial;
  }

  void find(TokenSpans spans) {
    for (int i = 0; i < tokens.size(); i++) {
      listed(i, spans);
      suffixed(i, spans);
      announced(i, spans);
    }
    if (askedFor && tokens.size() <= SHORT_ANSWER) {
      unknown(0, tokens.size(), spans);
    }
  }

  private void listed(int i, TokenSpans spans) {
    for (List<String> street : lists.streets()) {
      int end = i + street.size();
      if (end <= tokens.size() && matches(street, i)) {
        spans.add(withNumber(i), end);
      } else if (end > tokens.size()
          && withNumber(i) < i
          && matches(street.subList(0, tokens.size() - i), i)) {
        spans.add(withNumber(i), tokens.size()); // cut off after its first words
      }
    }
  }

  private boolean matches(List<String> street, int from) {
    for (int i = 0; i < street.size(); i++) {
      if (!street.get(i).equals(text(from + i))) {
        return false;
      }
    }
    return true;
  }

  private void suffixed(int i, TokenSpans spans) {
    boolean sure = Vocabulary.STREET_SUFFIXES.contains(text(i));
    if (!sure && !Vocabulary.POSSIBLE_STREET_SUFFIXES.contains(text(i))) {
      return;
    }
    int from = i;
    while (from > 0
        && i - from < LONGEST_NAME
        && !Vocabulary.COMMON.contains(text(from - 1))
        && !NO_NAME.contains(text(from - 1))
        && !number(from - 1)
        && !tokens.get(from - 1).stop()) {
      from--;
    }
    int begin = withNumber(from);
    if (from < i && (sure || begin < from)) {
      spans.add(begin, i + 1);
    }
  }

  private void announced(int i, TokenSpans spans) {
    boolean address = text(i).equals("address") && text(i + 1).equals("is");
    boolean live =
        (text(i).equals("live") || text(i).equals("lives"))
            && (text(i + 1).equals("at") || text(i + 1).equals("on"));
    if (address || live) {
      unknown(i + 2, Math.min(tokens.size(), i + 2 + SHORT_ANSWER), spans);
    } else if (partial && text(i).equals("address")) {
      unknown(i + 1, tokens.size(), spans);
    }
  }

  private void unknown(int from, int to, TokenSpans spans) {
    for (int i = from; i < to; i++) {
      boolean suffix = Vocabulary.STREET_SUFFIXES.contains(text(i)) && i > from;
      if (!Vocabulary.COMMON.contains(text(i)) || number(i) || suffix) {
        spans.add(i, i + 1);
      }
    }
  }

  /** The house number before a street, if there is one. */
  private int withNumber(int street) {
    int from = street;
    while (from > 0 && number(from - 1)) {
      from--;
    }
    return from;
  }

  private boolean number(int token) {
    for (SpokenNumber number : numbers) {
      if (number.from() <= token && token < number.to()) {
        return true;
      }
    }
    return false;
  }

  private String text(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).text() : "";
  }
}
