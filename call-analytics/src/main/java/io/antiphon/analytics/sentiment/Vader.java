package io.antiphon.analytics.sentiment;

import io.antiphon.analytics.sentiment.Sentiment.Evidence;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * VADER's rules over its lexicon; gives the scores of vaderSentiment 3.3.2 (emoji excepted, which
 * no recogniser writes). Immutable, for any number of threads.
 */
public final class Vader {
  /** With the lexicon that comes with Antiphon. */
  public static final Vader DEFAULT = new Vader(read());

  private static final double BOOST = 0.293;
  private static final double CAPITALS = 0.733;
  private static final double NEGATION = -0.74;
  private static final double NORMALISATION = 15;
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private static final Set<String> NEGATIONS =
      words(
          """
          aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't
          doesn't dont hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't
          mightn't mustn't neednt needn't never none nope nor not nothing nowhere oughtnt shant shouldnt
          uhuh wasnt werent oughtn't shan't shouldn't uh-uh wasn't weren't without wont wouldnt won't
          wouldn't rarely seldom despite
          """);

  private static final Set<String> INTENSIFIERS =
      words(
          """
          absolutely amazingly awfully completely considerable considerably decidedly deeply effing
          enormous enormously entirely especially exceptional exceptionally extreme extremely fabulously
          flipping flippin frackin fracking fricking frickin frigging friggin fully fuckin fucking fuggin
          fugging greatly hella highly hugely incredible incredibly intensely major majorly more most
          particularly purely quite really remarkably so substantially thoroughly total totally
          tremendous tremendously uber unbelievably unusually utter utterly very
          """);

  private static final Set<String> DAMPENERS =
      words(
          """
          almost barely hardly kinda kindof kind-of less little marginal marginally occasional
          occasionally partly scarce scarcely slight slightly somewhat sorta sortof sort-of
          """);

  private static final Set<String> DAMPENING_PAIRS = Set.of("just enough", "kind of", "sort of");

  private static final Map<String, Double> IDIOMS =
      Map.of(
          "the shit", 3.0,
          "the bomb", 3.0,
          "bad ass", 1.5,
          "badass", 1.5,
          "bus stop", 0.0,
          "yeah right", -2.0,
          "kiss of death", -1.5,
          "to die for", 3.0,
          "beating heart", 3.5);

  private final Map<String, Double> lexicon;

  private Vader(Map<String, Double> lexicon) {
    this.lexicon = lexicon;
  }

  /** The sentiment of a text. */
  public Sentiment sentiment(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      return new Sentiment(0, 0, 0, 0, List.of());
    }
    String[] words = stripped.split("\\s+");
    String[] lower = new String[words.length];
    int capitals = 0;
    for (int i = 0; i < words.length; i++) {
      words[i] = withoutPunctuation(words[i]);
      lower[i] = words[i].toLowerCase(Locale.ROOT);
      capitals += upperCase(words[i]) ? 1 : 0;
    }
    boolean mixed = capitals > 0 && capitals < words.length;
    double[] valences = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      boolean modifier =
          booster(lower[i]) != 0
              || i < words.length - 1 && lower[i].equals("kind") && lower[i + 1].equals("of");
      valences[i] = modifier ? 0 : valence(words, lower, i, mixed);
    }
    weighBut(lower, valences);
    return score(valences, stripped, words);
  }

  private double valence(String[] words, String[] lower, int i, boolean mixed) {
    Double rated = lexicon.get(lower[i]);
    if (rated == null) {
      return 0;
    }
    double valence = rated;
    if (lower[i].equals("no") && i + 1 < words.length && lexicon.containsKey(lower[i + 1])) {
      valence = 0;
    }
    boolean afterNo =
        i > 0 && lower[i - 1].equals("no")
            || i > 1 && lower[i - 2].equals("no")
            || i > 2
                && lower[i - 3].equals("no")
                && (lower[i - 1].equals("or") || lower[i - 1].equals("nor"));
    if (afterNo) {
      valence = rated * NEGATION;
    }
    if (upperCase(words[i]) && mixed) {
      valence += valence > 0 ? CAPITALS : -CAPITALS;
    }
    for (int distance = 1; distance <= 3; distance++) {
      if (i < distance || lexicon.containsKey(lower[i - distance])) {
        continue;
      }
      double boost = boost(words[i - distance], valence, mixed);
      valence += distance == 2 ? boost * 0.95 : distance == 3 ? boost * 0.9 : boost;
      valence = negate(valence, lower, distance, i);
      if (distance == 3) {
        valence = idioms(valence, lower, i);
      }
    }
    return least(valence, lower, i);
  }

  private static double booster(String word) {
    return INTENSIFIERS.contains(word) ? BOOST : DAMPENERS.contains(word) ? -BOOST : 0;
  }

  private static double boost(String word, double valence, boolean mixed) {
    double boost = booster(word.toLowerCase(Locale.ROOT));
    if (boost == 0) {
      return 0;
    }
    if (valence < 0) {
      boost = -boost;
    }
    if (upperCase(word) && mixed) {
      boost += valence > 0 ? CAPITALS : -CAPITALS;
    }
    return boost;
  }

  private static double negate(double valence, String[] lower, int distance, int i) {
    String word = lower[i - distance];
    boolean soOrThis = distance > 1 && (lower[i - 1].equals("so") || lower[i - 1].equals("this"));
    if (distance == 2) {
      if (word.equals("never") && soOrThis) {
        return valence * 1.25;
      }
      if (word.equals("without") && lower[i - 1].equals("doubt")) {
        return valence;
      }
    } else if (distance == 3) {
      boolean second = lower[i - 2].equals("so") || lower[i - 2].equals("this");
      if (word.equals("never") && second || soOrThis) {
        return valence * 1.25;
      }
      if (word.equals("without")
          && (lower[i - 2].equals("doubt") || lower[i - 1].equals("doubt"))) {
        return valence;
      }
    }
    return NEGATIONS.contains(word) || word.contains("n't") ? valence * NEGATION : valence;
  }

  private static double idioms(double before, String[] lower, int i) {
    double valence = before;
    String two = lower[i - 2] + " " + lower[i - 1];
    String three = lower[i - 3] + " " + two;
    String far = lower[i - 3] + " " + lower[i - 2];
    for (String idiom :
        List.of(lower[i - 1] + " " + lower[i], two + " " + lower[i], two, three, far)) {
      if (IDIOMS.containsKey(idiom)) {
        valence = IDIOMS.get(idiom);
        break;
      }
    }
    if (i + 1 < lower.length) {
      valence = IDIOMS.getOrDefault(lower[i] + " " + lower[i + 1], valence);
    }
    if (i + 2 < lower.length) {
      valence = IDIOMS.getOrDefault(lower[i] + " " + lower[i + 1] + " " + lower[i + 2], valence);
    }
    for (String pair : List.of(three, far, two)) {
      valence += DAMPENING_PAIRS.contains(pair) ? -BOOST : 0;
    }
    return valence;
  }

  private double least(double valence, String[] lower, int i) {
    if (i == 0 || !lower[i - 1].equals("least") || lexicon.containsKey("least")) {
      return valence;
    }
    boolean harmless = i > 1 && (lower[i - 2].equals("at") || lower[i - 2].equals("very"));
    return harmless ? valence : valence * NEGATION;
  }

  /** What is said before "but" counts less, what is said after it more. */
  private static void weighBut(String[] lower, double[] valences) {
    int but = Arrays.asList(lower).indexOf("but");
    if (but < 0) {
      return;
    }
    // The original looks each value up by its first occurrence, and so does this.
    for (int i = 0; i < valences.length; i++) {
      int first = 0;
      while (valences[first] != valences[i]) {
        first++;
      }
      valences[first] *= first < but ? 0.5 : first > but ? 1.5 : 1;
    }
  }

  private static Sentiment score(double[] valences, String text, String[] words) {
    double sum = 0;
    double positive = 0;
    double negative = 0;
    int neutral = 0;
    List<Evidence> evidence = new ArrayList<>();
    for (int i = 0; i < valences.length; i++) {
      double valence = valences[i];
      sum += valence;
      if (valence > 0) {
        positive += valence + 1;
      } else if (valence < 0) {
        negative += valence - 1;
      } else {
        neutral++;
        continue;
      }
      evidence.add(new Evidence(i, words[i], rounded(valence, 3)));
    }
    double emphasis = emphasis(text);
    sum += sum > 0 ? emphasis : sum < 0 ? -emphasis : 0;
    if (positive > Math.abs(negative)) {
      positive += emphasis;
    } else if (positive < Math.abs(negative)) {
      negative -= emphasis;
    }
    double total = positive + Math.abs(negative) + neutral;
    double compound = sum / Math.sqrt(sum * sum + NORMALISATION);
    return new Sentiment(
        rounded(Math.abs(negative / total), 3),
        rounded(Math.abs(neutral / total), 3),
        rounded(Math.abs(positive / total), 3),
        rounded(Math.max(-1, Math.min(1, compound)), 4),
        evidence);
  }

  private static double emphasis(String text) {
    long exclamations = Math.min(4, text.chars().filter(c -> c == '!').count());
    long questions = text.chars().filter(c -> c == '?').count();
    double asked = questions > 3 ? 0.96 : questions > 1 ? questions * 0.18 : 0;
    return exclamations * 0.292 + asked;
  }

  private static String withoutPunctuation(String token) {
    int from = 0;
    int to = token.length();
    while (from < to && PUNCTUATION.indexOf(token.charAt(from)) >= 0) {
      from++;
    }
    while (to > from && PUNCTUATION.indexOf(token.charAt(to - 1)) >= 0) {
      to--;
    }
    return to - from <= 2 ? token : token.substring(from, to);
  }

  private static boolean upperCase(String word) {
    return word.chars().anyMatch(Character::isUpperCase)
        && word.chars().noneMatch(Character::isLowerCase);
  }

  private static double rounded(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).doubleValue();
  }

  private static Set<String> words(String words) {
    return Set.copyOf(Arrays.asList(words.strip().split("\\s+")));
  }

  private static Map<String, Double> read() {
    InputStream stream = Vader.class.getResourceAsStream("vader-lexicon.tsv");
    if (stream == null) {
      throw new IllegalStateException("resource vader-lexicon.tsv is missing");
    }
    Map<String, Double> lexicon = new HashMap<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] columns = line.strip().split("\t");
        lexicon.put(columns[0], Double.valueOf(columns[1]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(lexicon);
  }
}
