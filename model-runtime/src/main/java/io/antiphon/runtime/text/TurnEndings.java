package io.antiphon.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How likely a caller is done after the words that were said so far: the share of utterances in the
 * model's training that ended after the same last words. Immutable.
 *
 * <p>The file is a JSON object of runs of up to {@value #MOST_WORDS} words, in lower case with
 * single spaces, and their probabilities; the longest run that is known counts. An utterance begins
 * with the word {@value #BEGIN}. The empty run is for what no other is known for.
 */
public final class TurnEndings {
  /**
   * From which probability on an utterance is taken for finished: with nano, most pauses in
   * mid-sentence are then noticed, and few finished questions wait ({@code docs/gateway.md}).
   */
  public static final double FINISHED = 0.1;

  private static final int MOST_WORDS = 3;
  private static final String BEGIN = "<s>";
  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}']+");

  private final Map<String, Double> probabilities;

  private TurnEndings(Map<String, Double> probabilities) {
    this.probabilities = Map.copyOf(probabilities);
  }

  /**
   * @throws IOException when the file cannot be read, is no such object, or lacks the empty run
   */
  public static TurnEndings read(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    Map<String, Double> probabilities = new HashMap<>();
    for (Iterator<Map.Entry<String, JsonNode>> runs = root.fields(); runs.hasNext(); ) {
      Map.Entry<String, JsonNode> run = runs.next();
      double probability = run.getValue().asDouble(-1);
      if (!(probability >= 0 && probability <= 1)) {
        throw new IOException(
            file + ": '" + run.getKey() + "' is " + run.getValue() + ", expected 0 to 1");
      }
      probabilities.put(run.getKey(), probability);
    }
    if (!probabilities.containsKey("")) {
      throw new IOException(file + " has no probability for the empty run of words");
    }
    return new TurnEndings(probabilities);
  }

  /** Whether an utterance may be taken for finished. */
  public boolean finished(String transcript) {
    return probability(transcript) >= FINISHED;
  }

  /**
   * @param transcript of the utterance so far
   * @return the probability that it is whole; 0 without a word
   */
  public double probability(String transcript) {
    String said =
        BETWEEN_WORDS.matcher(transcript.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    if (said.isEmpty()) {
      return 0;
    }
    String[] words = (BEGIN + " " + said).split(" ");
    for (int count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
      String run = String.join(" ", Arrays.copyOfRange(words, words.length - count, words.length));
      Double known = probabilities.get(run);
      if (known != null) {
        return known;
      }
    }
    return probabilities.getOrDefault("", 0.0);
  }
}
