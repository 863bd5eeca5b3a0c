package io.antiphon.gateway.phone;

import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.TelephonesConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.gateway.security.Hashes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Every setting of telephones.
 *
 * @param trunks ways in
 * @param audioSocket where AudioSocket trunks listen
 */
public record PhoneConfiguration(List<Trunk> trunks, AudioSocketConfiguration audioSocket) {
  /** As the gateway is configured. */
  public static PhoneConfiguration of(TelephonesConfiguration configured) {
    List<Trunk> trunks = new ArrayList<>();
    configured.trunks().forEach((name, trunk) -> trunks.add(Trunk.of(name, trunk)));
    return new PhoneConfiguration(trunks, configured.audioSocket());
  }

  /**
   * One trunk of every provider, for trying: all of one tenant and with one key, named after the
   * providers in lower case.
   *
   * @param key Twilio's auth token, and the key of all others
   */
  public static PhoneConfiguration trial(String tenant, String key) {
    List<Trunk> trunks = new ArrayList<>();
    for (Provider provider : Provider.values()) {
      trunks.add(
          new Trunk(
              provider.name().toLowerCase(Locale.ROOT),
              provider,
              tenant,
              provider == Provider.TWILIO ? key : Hashes.sha256(key),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              TurnTaking.AUTOMATIC));
    }
    return new PhoneConfiguration(trunks, AudioSocketConfiguration.LOOPBACK);
  }

  public PhoneConfiguration {
    trunks = List.copyOf(trunks);
    List<String> problems = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int sockets = 0;
    for (Trunk trunk : trunks) {
      if (!names.add(trunk.name())) {
        problems.add("two trunks are named " + trunk.name());
      }
      sockets += trunk.provider() == Provider.AUDIOSOCKET ? 1 : 0;
    }
    if (sockets > 1) {
      problems.add(sockets + " trunks of AUDIOSOCKET; expected one, since it has one port");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }
}
