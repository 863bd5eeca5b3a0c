package io.antiphon.analytics.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must be true of a call for a category. {@code by} is a role; null means anybody. */
public sealed interface Condition {
  /**
   * One of the phrases is said.
   *
   * @param phrases words in lower case; "*" stands for any one word
   * @param atBeginMillis only within this time of the call's begin; null for any time
   * @param atEndMillis only within this time of the call's end, so decided there; null for any time
   */
  record Said(
      List<List<String>> phrases,
      @Nullable String by,
      @Nullable Long atBeginMillis,
      @Nullable Long atEndMillis)
      implements Condition {}

  /**
   * A phrase of each list is said in one utterance, with at most so many words between.
   *
   * @param words the most words between the two
   */
  record Near(List<List<String>> first, List<List<String>> second, int words, @Nullable String by)
      implements Condition {}

  /**
   * None of the phrases is said before {@code withinMillis} of media time, or before the end of a
   * shorter call.
   */
  record NotSaid(List<List<String>> phrases, @Nullable String by, long withinMillis)
      implements Condition {}

  /**
   * So many utterances have a score, from -5 to 5, of at most {@code atMost} and at least {@code
   * atLeast}.
   */
  record SentimentIs(
      @Nullable String by, @Nullable Double atMost, @Nullable Double atLeast, int times)
      implements Condition {}

  /** A non-talk stretch, see CallFigures, is longer than this. */
  record Silence(long longerThanMillis) implements Condition {}

  /** So many interruptions have an overlap longer than this. */
  record Interrupts(@Nullable String by, long longerThanMillis, int times) implements Condition {}

  /** All of them are true. */
  record All(List<Condition> conditions) implements Condition {}

  /** One of them is true. */
  record Any(List<Condition> conditions) implements Condition {}

  /** It is not true when the call ends. */
  record Not(Condition condition) implements Condition {}
}
