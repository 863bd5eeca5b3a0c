package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of the topics on which calls are told of.
 *
 * @param callSegmentsOriginal none when nothing leaves unredacted
 */
public record CallOutputTopics(
    String callSegments,
    Optional<String> callSegmentsOriginal,
    String callEvents,
    String callMetrics,
    String callSummaries,
    String deadLetters)
    implements Section {
  /** All of them. */
  public List<String> all() {
    return List.copyOf(bySetting().values());
  }

  @Override
  public void check(Problems problems) {
    TopicNames.check(problems, bySetting());
  }

  Map<String, String> bySetting() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("callSegments", callSegments);
    callSegmentsOriginal.ifPresent(name -> names.put("callSegmentsOriginal", name));
    names.put("callEvents", callEvents);
    names.put("callMetrics", callMetrics);
    names.put("callSummaries", callSummaries);
    names.put("deadLetters", deadLetters);
    return names;
  }
}
