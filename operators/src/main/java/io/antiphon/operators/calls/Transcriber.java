package io.antiphon.operators.calls;

import io.antiphon.analytics.Word;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Writes down what is said in an utterance. Thread safe. */
@FunctionalInterface
public interface Transcriber {
  /**
   * @param name of the utterance, for messages only
   * @param samples mono, 16 kHz, in -1 to 1
   * @param timed whether the words' times are wanted, where the recogniser knows them
   * @return its words, their times from the first sample on; a function of the samples alone
   */
  CompletableFuture<List<Word>> transcribe(String name, float[] samples, boolean timed);

  /** Names an utterance of a call. */
  static String name(String callId, int channel, int number) {
    return callId + " " + channel + "-" + number;
  }

  /** Names what was said of an utterance so far. */
  static String name(String callId, int channel, int number, long endMillis) {
    String whole = name(callId, channel, number);
    return endMillis == CallStream.WHOLE ? whole : whole + " up to " + endMillis + " ms";
  }

  /** The words of a text, without times. */
  static List<Word> words(String text) {
    return text.isBlank()
        ? List.of()
        : Arrays.stream(text.strip().split("\\s+")).map(word -> new Word(word, -1, -1)).toList();
  }

  /** The same words in media time, where they have times. */
  static List<Word> since(long beginMillis, List<Word> words) {
    return words.stream()
        .map(
            word ->
                word.timed()
                    ? new Word(
                        word.text(),
                        beginMillis + word.beginMillis(),
                        beginMillis + word.endMillis())
                    : word)
        .toList();
  }
}
