package io.antiphon.gateway.phone;

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
public record PhoneConfiguration(List<Trunk> trunks, AudioSocketListen audioSocket) {
  /**
   * Where an AudioSocket trunk listens. The protocol knows neither keys nor encryption, so it is
   * told from whom connections are taken.
   *
   * @param host address to listen on
   * @param port 0 for any free one
   * @param peers addresses that may connect
   */
  public record AudioSocketListen(String host, int port, List<String> peers) {
    /** This machine only, on any free port. */
    public static final AudioSocketListen LOOPBACK =
        new AudioSocketListen("127.0.0.1", 0, List.of("127.0.0.1"));

    public AudioSocketListen {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port is " + port + "; expected 0 to 65535");
      }
      peers = List.copyOf(peers);
    }
  }

  /** No telephones. */
  public static final PhoneConfiguration NONE =
      new PhoneConfiguration(List.of(), AudioSocketListen.LOOPBACK);

  /**
   * One trunk of every provider, for trying: all of one tenant and with one key, named after the
   * providers in lower case.
   *
   * @param key Twilio's auth token, and the key of all others
   */
  public static PhoneConfiguration trial(String tenant, String key) {
    List<Trunk> trunks = new ArrayList<>();
    for (Trunk.Provider provider : Trunk.Provider.values()) {
      trunks.add(
          new Trunk(
              provider.name().toLowerCase(Locale.ROOT),
              provider,
              tenant,
              provider == Trunk.Provider.TWILIO ? key : Hashes.sha256(key),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              TurnTaking.AUTOMATIC));
    }
    return new PhoneConfiguration(trunks, AudioSocketListen.LOOPBACK);
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
      sockets += trunk.provider() == Trunk.Provider.AUDIOSOCKET ? 1 : 0;
    }
    if (sockets > 1) {
      problems.add(sockets + " trunks of AUDIOSOCKET; expected one, since it has one port");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }
}
