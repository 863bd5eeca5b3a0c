package io.antiphon.benchmarks.calls;

import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long after its end each word comes for the first time, in a partial text or in the final one.
 * Masks are no words, and words without times are not counted.
 */
final class FirstTexts {
  /** When the words of an utterance that goes on came, in order. */
  private final Map<String, List<Double>> told = new HashMap<>();

  private final List<Double> late = new ArrayList<>();

  /**
   * Takes the next text of an utterance.
   *
   * @param millis when it came, in milliseconds since the begin of the calls
   */
  void told(CallSegment segment, double millis) {
    String utterance = segment.getConversationId() + " " + segment.getSegmentId();
    if (!segment.getLast()) {
      List<Double> words = told.computeIfAbsent(utterance, key -> new ArrayList<>());
      int count = segment.getText().split(" ").length;
      while (words.size() < count) {
        words.add(millis);
      }
      return;
    }
    List<Double> before = told.containsKey(utterance) ? told.remove(utterance) : List.of();
    int place = 0;
    for (Word word : segment.getWords()) {
      boolean mask = word.getText().startsWith("[");
      if (!mask && word.getEndMillis() >= 0) {
        // No partial text goes beyond a mask, so that words have the same places in both.
        double came = place < before.size() ? before.get(place) : millis;
        late.add(came - word.getEndMillis());
      }
      place++;
    }
  }

  List<Double> late() {
    return List.copyOf(late);
  }

  void clear() {
    told.clear();
    late.clear();
  }
}
