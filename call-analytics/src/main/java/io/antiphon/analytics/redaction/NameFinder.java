package io.antiphon.analytics.redaction;

import io.antiphon.analytics.text.Token;
import java.util.List;
import java.util.Set;

/** Finds names: those of the lists, and whatever follows words that announce a name. */
final class NameFinder {
  private static final int LONGEST_NAME = 3;
  private static final int SHORT_ANSWER = 4;
  private static final Set<String> PARTICLES =
      Set.of(
          "van", "von", "de", "der", "den", "la", "le", "di", "da", "del", "el", "al", "mc", "mac",
          "saint", "st");

  private final NameLists lists;
  private final List<Token> tokens;
  private final boolean askedFor;
  private final boolean partial;

  NameFinder(NameLists lists, List<Token> tokens, boolean askedFor, boolean partial) {
    this.lists = lists;
    this.tokens = tokens;
    this.askedFor = askedFor;
    this.partial = partial;
  }

  void find(TokenSpans spans) {
    for (int i = 0; i < tokens.size(); i++) {
      announced(i, spans);
      listed(i, spans);
    }
    if (askedFor) {
      answer(spans);
    }
  }

  private void listed(int i, TokenSpans spans) {
    String text = tokens.get(i).text();
    boolean within = i > 0 && !tokens.get(i - 1).stop();
    boolean capital = tokens.get(i).capital() && within && lists.possible(text);
    if (!lists.sure(text) && !capital) {
      return;
    }
    int from = i;
    while (from > 0 && partOfName(from - 1) && !tokens.get(from - 1).stop()) {
      from--;
    }
    spans.add(from, end(i + 1));
  }

  /** Where a name ends that goes on at {@code i}. */
  private int end(int i) {
    int end = i;
    while (end < tokens.size() && !tokens.get(end - 1).stop()) {
      boolean particle = PARTICLES.contains(text(end)) && end + 1 < tokens.size();
      if (!partOfName(end) && !particle) {
        break;
      }
      end++;
    }
    return end;
  }

  private boolean partOfName(int i) {
    String text = text(i);
    boolean within = i > 0 && !tokens.get(i - 1).stop();
    return lists.possible(text) && !Vocabulary.COMMON.contains(text)
        || tokens.get(i).capital() && within && !Vocabulary.COMMON.contains(text);
  }

  private void announced(int i, TokenSpans spans) {
    String text = text(i);
    String next = text(i + 1);
    if (Vocabulary.TITLES.contains(text)) {
      if (i + 1 < tokens.size() && !common(i + 1)) {
        spans.add(i + 1, end(i + 2));
      }
      return;
    }
    boolean isName =
        (text.equals("name") || text.equals("surname") || text.equals("holder"))
            && (next.equals("is") || next.equals("was") || next.equals("of"));
    if (isName) {
      free(i + 2, spans);
    } else if (text.equals("name's") || text.equals("name") && partial) {
      free(i + 1, spans);
    } else if (text.equals("name") && text(i - 1).equals("the") && text(i - 2).equals("under")) {
      free(i + 1, spans);
    } else if (text.equals("name") && next.equals("on")) {
      for (int j = i + 2; j < Math.min(tokens.size(), i + 6); j++) {
        if (text(j).equals("is")) {
          free(j + 1, spans);
        }
      }
    } else if (text.equals("call") && next.equals("me")
        || text.equals("ask") && next.equals("for")) {
      possible(i + 2, spans);
    } else if (text.equals("called")) {
      possible(i + 1, spans);
    } else if (text.equals("this") && next.equals("is") || text.equals("i") && next.equals("am")) {
      oneself(i + 2, spans);
    } else if (text.equals("i'm") || text.equals("it's")) {
      oneself(i + 1, spans);
    }
  }

  /** "this is … speaking": whatever the name is. */
  private void oneself(int from, TokenSpans spans) {
    for (int i = from + 1; i <= Math.min(tokens.size() - 1, from + LONGEST_NAME); i++) {
      if (Vocabulary.INTRODUCES_ONESELF.contains(text(i)) && !common(from)) {
        spans.add(from, i);
        return;
      }
      if (common(i) || tokens.get(i - 1).stop()) {
        return;
      }
    }
  }

  private void possible(int from, TokenSpans spans) {
    if (from < tokens.size() && lists.possible(text(from))) {
      spans.add(from, end(from + 1));
    }
  }

  /** After "my name is" any words are a name, up to one that cannot be. */
  private void free(int from, TokenSpans spans) {
    int begin = from;
    while (begin < tokens.size()
        && Set.of("is", "of", "uh", "um", "er", "yes").contains(text(begin))) {
      begin++;
    }
    int end = begin;
    while (end < tokens.size()
        && end - begin < LONGEST_NAME + 1
        && !common(end)
        && (end == begin || !tokens.get(end - 1).stop())) {
      end++;
    }
    if (end == begin && begin < tokens.size() && lists.possible(text(begin))) {
      end = begin + 1; // "my name is Will"
    }
    if (end > begin) {
      spans.add(begin, end);
    }
  }

  /** A short answer to "what is your name". */
  private void answer(TokenSpans spans) {
    int unknown = 0;
    for (int i = 0; i < tokens.size(); i++) {
      unknown += common(i) ? 0 : 1;
    }
    if (unknown == 0 || unknown > SHORT_ANSWER || tokens.size() > 2 * SHORT_ANSWER) {
      return;
    }
    for (int i = 0; i < tokens.size(); i++) {
      if (!common(i)) {
        spans.add(i, i + 1);
      }
    }
  }

  private boolean common(int i) {
    return Vocabulary.COMMON.contains(text(i)) && !tokens.get(i).capital()
        || Vocabulary.COMMON.contains(text(i)) && !lists.possible(text(i));
  }

  private String text(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).text() : "";
  }
}
