package io.antiphon.analytics.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds phrases in words, without regard to case and punctuation. */
final class Phrases {
  private static final String ANY = "*";

  private Phrases() {}

  /** The words of a text as they are compared; a mask such as "[NAME]" equals no word. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.strip().split("\\s+")) {
      String plain = plain(word);
      if (!plain.isEmpty()) {
        words.add(plain);
      }
    }
    return words;
  }

  static String plain(String word) {
    if (word.startsWith("[") || word.equals(ANY)) {
      return word;
    }
    return word.toLowerCase(Locale.ROOT)
        .replace('\u2019', '\'')
        .replaceAll("^[^\\p{L}\\d]+|[^\\p{L}\\d]+$", "");
  }

  /** Where the phrase begins in the words; empty if it does not occur. */
  static List<Integer> find(List<String> phrase, List<String> words) {
    List<Integer> found = new ArrayList<>();
    for (int from = 0; from + phrase.size() <= words.size(); from++) {
      boolean equal = true;
      for (int i = 0; i < phrase.size() && equal; i++) {
        equal = phrase.get(i).equals(ANY) || phrase.get(i).equals(words.get(from + i));
      }
      if (equal) {
        found.add(from);
      }
    }
    return found;
  }
}
