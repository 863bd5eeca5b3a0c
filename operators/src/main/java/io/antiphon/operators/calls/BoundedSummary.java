package io.antiphon.operators.calls;

import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.MatchedCategory;
import io.antiphon.schemas.Truncation;
import io.antiphon.serde.Records;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps a summary within what a broker takes: the lists of stretches are cut, and what is missing
 * stands in the record's {@code truncations}. The same summary gives the same record.
 */
final class BoundedSummary {
  /** Half of what brokers and consumers take by default. */
  static final int MAXIMUM_BYTES = Records.DEFAULT_MAXIMUM_BYTES / 2;

  private static final int MOST_ENTRIES = 1 << 14;

  private BoundedSummary() {}

  static CallSummary of(CallSummary summary, int maximumBytes) {
    CallSummary bounded = summary;
    for (int most = MOST_ENTRIES; size(bounded) > maximumBytes && most > 0; most /= 2) {
      bounded = cut(summary, most);
    }
    return size(bounded) > maximumBytes ? cut(summary, 0) : bounded;
  }

  private static int size(CallSummary summary) {
    return Records.encode(summary, Integer.MAX_VALUE).length;
  }

  private static CallSummary cut(CallSummary summary, int most) {
    List<Truncation> truncations = new ArrayList<>();
    List<MatchedCategory> categories = new ArrayList<>();
    for (MatchedCategory each : first("categories", summary.getCategories(), most, truncations)) {
      String field = "categories[" + categories.size() + "].pointsOfInterest";
      categories.add(
          new MatchedCategory(
              each.getName(), first(field, each.getPointsOfInterest(), most, truncations)));
    }
    List<CallInterval> nonTalk = first("nonTalk", summary.getNonTalk(), most, truncations);
    List<CallInterval> holds = first("holds", summary.getHolds(), most, truncations);
    List<CallInterval> interruptions =
        first("interruptions", summary.getInterruptions(), most, truncations);
    return CallSummary.newBuilder(summary)
        .setCategories(categories)
        .setNonTalk(nonTalk)
        .setHolds(holds)
        .setInterruptions(interruptions)
        .setTruncations(truncations)
        .build();
  }

  private static <T> List<T> first(
      String field, List<T> all, int most, List<Truncation> truncations) {
    if (all.size() <= most) {
      return all;
    }
    truncations.add(new Truncation(field, (long) all.size() - most));
    return List.copyOf(all.subList(0, most));
  }
}
