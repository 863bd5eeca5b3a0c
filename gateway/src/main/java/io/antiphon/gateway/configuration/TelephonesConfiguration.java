package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Telephones.
 *
 * @param audioSocket where the AudioSocket trunk listens, if there is one
 * @param trunks ways in by name; a name is part of the path {@code /phone/NAME/...}
 */
public record TelephonesConfiguration(
    AudioSocketConfiguration audioSocket, Map<String, TrunkConfiguration> trunks)
    implements Section {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");

  public TelephonesConfiguration {
    trunks = Collections.unmodifiableMap(new LinkedHashMap<>(trunks));
  }

  @Override
  public void check(Problems problems) {
    for (String name : trunks.keySet()) {
      problems.require(
          NAME.matcher(name).matches(),
          "trunks." + name,
          name,
          "a name of 1 to 64 letters, digits and hyphens");
    }
    long sockets =
        trunks.values().stream()
            .filter(trunk -> trunk.provider().equals(Optional.of(Provider.AUDIOSOCKET)))
            .count();
    problems.require(
        sockets <= 1, "trunks", sockets + " of audiosocket", "at most one, since it has one port");
  }
}
