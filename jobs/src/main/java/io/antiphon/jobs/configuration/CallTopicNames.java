package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of the topics between which call analytics stands.
 *
 * @param completedTurns none when no agent of this house answers calls
 * @param callSegmentsOriginal none when nothing leaves unredacted
 */
public record CallTopicNames(
    String audioChunks,
    String analyticsRules,
    Optional<String> completedTurns,
    String callSegments,
    Optional<String> callSegmentsOriginal,
    String callEvents,
    String callMetrics,
    String callSummaries,
    String deadLetters)
    implements Section {
  /** All of them, input first. */
  public List<String> all() {
    return List.copyOf(bySetting().values());
  }

  /** Those on which calls are told of. */
  public CallOutputTopics outputs() {
    return new CallOutputTopics(
        callSegments, callSegmentsOriginal, callEvents, callMetrics, callSummaries, deadLetters);
  }

  @Override
  public void check(Problems problems) {
    TopicNames.check(problems, bySetting());
  }

  private Map<String, String> bySetting() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("audioChunks", audioChunks);
    names.put("analyticsRules", analyticsRules);
    completedTurns.ifPresent(name -> names.put("completedTurns", name));
    names.putAll(outputs().bySetting());
    return names;
  }
}
