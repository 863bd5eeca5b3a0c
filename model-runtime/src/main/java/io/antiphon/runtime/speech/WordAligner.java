package io.antiphon.runtime.speech;

import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Says when each word of a known text is spoken: the most probable path of the text's characters
 * through the scores of {@link ModelHost#scoreCharacters}. Characters that have no score are passed
 * over; a word without any lies between its neighbours. Stateless and thread safe.
 */
public final class WordAligner {
  private static final int FRAME_MILLIS = 20;
  private static final int BLANK = 0;
  private static final char SPACE = ' ';

  /**
   * When a word is spoken.
   *
   * @param beginMillis from the begin of the scores
   * @param endMillis at least the begin, at most the next word's
   */
  public record WordTime(int beginMillis, int endMillis) {}

  private final String characters;
  private final int beginOffsetMillis;

  public WordAligner(Manifest.WordTimes scores) {
    this.characters = scores.characters();
    this.beginOffsetMillis = scores.beginOffsetMillis();
  }

  /** How many scores there are for a frame of 20 ms. */
  private int classes() {
    return characters.length() + 1;
  }

  /**
   * @param scores {@code [m x classes]}, those of all windows one behind the other
   * @return a time for each word; empty where the text does not fit into the scores
   */
  public List<WordTime> align(float[] scores, List<String> words) {
    int[] firstOf = new int[words.size()];
    int[] lastOf = new int[words.size()];
    List<Integer> spelled = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      List<Integer> word = spelled(words.get(i));
      if (!word.isEmpty() && !spelled.isEmpty() && characters.indexOf(SPACE) >= 0) {
        spelled.add(classOf(SPACE));
      }
      firstOf[i] = word.isEmpty() ? -1 : spelled.size();
      spelled.addAll(word);
      lastOf[i] = spelled.size() - 1;
    }
    if (spelled.isEmpty() || scores.length < classes()) {
      return List.of();
    }
    int[][] path = path(scores, spelled.stream().mapToInt(Integer::intValue).toArray());
    return path.length == 0 ? List.of() : times(path, firstOf, lastOf);
  }

  private List<WordTime> times(int[][] path, int[] firstOf, int[] lastOf) {
    int[] begins = new int[firstOf.length];
    int[] ends = new int[firstOf.length];
    int end = 0;
    for (int i = 0; i < firstOf.length; i++) {
      if (firstOf[i] < 0) {
        begins[i] = end;
      } else {
        int begin = path[firstOf[i]][0] * FRAME_MILLIS - beginOffsetMillis;
        begins[i] = Math.max(i == 0 ? 0 : begins[i - 1], begin);
        end = (path[lastOf[i]][1] + 1) * FRAME_MILLIS;
      }
      ends[i] = end;
    }
    List<WordTime> times = new ArrayList<>();
    for (int i = 0; i < begins.length; i++) {
      int next = i + 1 < begins.length ? begins[i + 1] : ends[i];
      // A word that cannot be spelled lasts until the next one begins.
      int last = firstOf[i] < 0 ? next : Math.min(ends[i], next);
      times.add(new WordTime(begins[i], Math.max(begins[i], last)));
    }
    return times;
  }

  private List<Integer> spelled(String word) {
    return word.toLowerCase(Locale.ROOT)
        .chars()
        .mapToObj(character -> classOf((char) character))
        .filter(each -> each != BLANK)
        .toList();
  }

  private int classOf(char character) {
    return characters.indexOf(character) + 1;
  }

  /**
   * The first and the last frame of each class; empty where they do not fit. States are blanks and
   * classes in turn. Of paths that are equally probable the one that stays longest wins, then the
   * one that passes a blank.
   */
  private int[][] path(float[] scores, int[] spelled) {
    int frames = scores.length / classes();
    int states = 2 * spelled.length + 1;
    float[] best = new float[states];
    float[] next = new float[states];
    byte[] steps = new byte[frames * states];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    best[0] = scores[BLANK];
    best[1] = scores[spelled[0]];
    for (int frame = 1; frame < frames; frame++) {
      for (int state = 0; state < states; state++) {
        float came = best[state];
        byte step = 0;
        if (state > 0 && best[state - 1] > came) {
          came = best[state - 1];
          step = 1;
        }
        int at = state / 2;
        boolean skips = state % 2 == 1 && state > 2 && spelled[at] != spelled[at - 1];
        if (skips && best[state - 2] > came) {
          came = best[state - 2];
          step = 2;
        }
        next[state] = came + scores[frame * classes() + (state % 2 == 0 ? BLANK : spelled[at])];
        steps[frame * states + state] = step;
      }
      float[] spent = best;
      best = next;
      next = spent;
    }
    int state = best[states - 1] > best[states - 2] ? states - 1 : states - 2;
    if (best[state] == Float.NEGATIVE_INFINITY) {
      return new int[0][];
    }
    int[][] found = new int[spelled.length][];
    for (int frame = frames - 1; frame >= 0; frame--) {
      if (state % 2 == 1) {
        int[] span = found[state / 2];
        found[state / 2] = new int[] {frame, span == null ? frame : span[1]};
      }
      state -= steps[frame * states + state];
    }
    return found;
  }
}
