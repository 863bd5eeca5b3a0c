package io.antiphon.jobs.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.serde.kafka.TopicNames;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names of the topics between which the feedback job stands. */
public record FeedbackTopicNames(
    String completedTurns, String feedback, String preferencePairs, String deadLetters)
    implements Section {
  @Override
  public void check(Problems problems) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("completedTurns", completedTurns);
    names.put("feedback", feedback);
    names.put("preferencePairs", preferencePairs);
    names.put("deadLetters", deadLetters);
    TopicNames.check(problems, names);
  }
}
