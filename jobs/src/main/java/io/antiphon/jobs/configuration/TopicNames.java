package io.antiphon.jobs.configuration;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** Names of Antiphon's topics. */
public record TopicNames(
    String audioChunks, String speechResponses, String textResponses, String deadLetters)
    implements Section, Serializable {
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  /** All four, input first. */
  public List<String> all() {
    return List.of(audioChunks, speechResponses, textResponses, deadLetters);
  }

  @Override
  public void check(Problems problems) {
    String expectation = "a Kafka topic name (letters, digits, dot, dash, underscore; at most 249)";
    problems.require(legal(audioChunks), "audioChunks", audioChunks, expectation);
    problems.require(legal(speechResponses), "speechResponses", speechResponses, expectation);
    problems.require(legal(textResponses), "textResponses", textResponses, expectation);
    problems.require(legal(deadLetters), "deadLetters", deadLetters, expectation);
    List<String> settings =
        List.of("audioChunks", "speechResponses", "textResponses", "deadLetters");
    HashSet<String> seen = new HashSet<>();
    for (int i = 0; i < settings.size(); i++) {
      problems.require(
          seen.add(all().get(i)), settings.get(i), all().get(i), "a name that no other topic has");
    }
  }

  private static boolean legal(String name) {
    return LEGAL.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }
}
