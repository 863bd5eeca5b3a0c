package io.antiphon.analytics.redaction;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names that are masked wherever they are said.
 *
 * @param given given names that are nothing else
 * @param surnames surnames that are nothing else
 * @param ambiguous names that are words of daily use too; masked after a name or a title, or where
 *     they have a capital letter within a sentence
 * @param streets names of streets, each a list of words
 */
public record NameLists(
    Set<String> given, Set<String> surnames, Set<String> ambiguous, Set<List<String>> streets) {
  /** The lists that come with Antiphon. */
  public static final NameLists DEFAULT = read();

  public NameLists {
    given = Set.copyOf(given);
    surnames = Set.copyOf(surnames);
    ambiguous = Set.copyOf(ambiguous);
    streets = Set.copyOf(streets);
  }

  /**
   * These lists and more.
   *
   * @param names given names or surnames, in any case
   * @param streets names of streets, words separated by spaces, in any case
   */
  public NameLists with(List<String> names, List<String> streets) {
    Set<String> moreNames = new HashSet<>(given);
    names.forEach(name -> moreNames.add(name.toLowerCase(Locale.ROOT)));
    Set<List<String>> moreStreets = new HashSet<>(this.streets);
    streets.forEach(street -> moreStreets.add(words(street)));
    return new NameLists(moreNames, surnames, ambiguous, moreStreets);
  }

  boolean sure(String word) {
    return given.contains(stem(word)) || surnames.contains(stem(word));
  }

  boolean possible(String word) {
    return sure(word) || ambiguous.contains(stem(word));
  }

  /** Whether the word is a name or a part of a street's. */
  boolean holds(String word) {
    return possible(word) || streets.stream().anyMatch(street -> street.contains(word));
  }

  /** "anna's" is "anna". */
  private static String stem(String word) {
    return word.endsWith("'s") ? word.substring(0, word.length() - 2) : word;
  }

  private static NameLists read() {
    Set<String> given = new HashSet<>();
    Set<String> surnames = new HashSet<>();
    Set<String> ambiguous = new HashSet<>();
    Set<List<String>> streets = new HashSet<>();
    lines("given-names.txt").forEach(line -> sort(line, given, ambiguous));
    lines("surnames.txt").forEach(line -> sort(line, surnames, ambiguous));
    lines("streets.txt").forEach(line -> streets.add(words(line)));
    given.removeAll(ambiguous);
    surnames.removeAll(ambiguous);
    return new NameLists(given, surnames, ambiguous, streets);
  }

  private static void sort(String line, Set<String> names, Set<String> ambiguous) {
    for (String word : words(line)) {
      if (word.endsWith("!")) {
        ambiguous.add(word.substring(0, word.length() - 1));
      } else {
        names.add(word);
      }
    }
  }

  private static List<String> words(String line) {
    return List.of(line.strip().toLowerCase(Locale.ROOT).split("\\s+"));
  }

  private static List<String> lines(String name) {
    InputStream stream =
        NameLists.class.getResourceAsStream("/io/antiphon/analytics/redaction/" + name);
    if (stream == null) {
      throw new IllegalStateException("resource " + name + " is missing");
    }
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }
}
