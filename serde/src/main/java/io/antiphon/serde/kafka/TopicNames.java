package io.antiphon.serde.kafka;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of Antiphon's topics.
 *
 * @param completedTurns none when completed turns are not written
 */
public record TopicNames(
    String audioChunks,
    String speechResponses,
    String textResponses,
    Optional<String> completedTurns,
    String deadLetters)
    implements Section {
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  /** All that are used, input first. */
  public List<String> all() {
    return List.copyOf(bySetting().values());
  }

  private Map<String, String> bySetting() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("audioChunks", audioChunks);
    names.put("speechResponses", speechResponses);
    names.put("textResponses", textResponses);
    completedTurns.ifPresent(name -> names.put("completedTurns", name));
    names.put("deadLetters", deadLetters);
    return names;
  }

  @Override
  public void check(Problems problems) {
    check(problems, bySetting());
  }

  /** Reports names that Kafka would refuse or that stand twice, by setting. */
  public static void check(Problems problems, Map<String, String> bySetting) {
    Set<String> seen = new HashSet<>();
    bySetting.forEach(
        (setting, name) -> {
          problems.require(
              legal(name),
              setting,
              name,
              "a Kafka topic name (letters, digits, dot, dash, underscore; at most 249)");
          problems.require(seen.add(name), setting, name, "a name that no other topic has");
        });
  }

  private static boolean legal(String name) {
    return LEGAL.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }
}
