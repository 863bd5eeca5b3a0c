package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.util.List;

/**
 * Where an AudioSocket trunk listens. The protocol knows neither keys nor encryption, so it is told
 * from whom connections are taken.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param peers addresses that may connect
 */
public record AudioSocketConfiguration(String host, int port, List<String> peers)
    implements Section {
  /** This machine only, on any free port. */
  public static final AudioSocketConfiguration LOOPBACK =
      new AudioSocketConfiguration("127.0.0.1", 0, List.of("127.0.0.1"));

  public AudioSocketConfiguration {
    peers = List.copyOf(peers);
  }

  @Override
  public void check(Problems problems) {
    problems.require(!host.isBlank(), "host", host, "an address of this machine");
    problems.require(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
    problems.require(!peers.isEmpty(), "peers", peers, "at least one address");
  }
}
