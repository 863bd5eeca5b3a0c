package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names of the topics between which call analytics stands. */
public record CallTopicNames(
    String audioChunks,
    String analyticsRules,
    String callSegments,
    String callEvents,
    String callSummaries,
    String deadLetters)
    implements Section {
  /** All of them, input first. */
  public List<String> all() {
    return List.copyOf(bySetting().values());
  }

  @Override
  public void check(Problems problems) {
    TopicNames.check(problems, bySetting());
  }

  private Map<String, String> bySetting() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("audioChunks", audioChunks);
    names.put("analyticsRules", analyticsRules);
    names.put("callSegments", callSegments);
    names.put("callEvents", callEvents);
    names.put("callSummaries", callSummaries);
    names.put("deadLetters", deadLetters);
    return names;
  }
}
