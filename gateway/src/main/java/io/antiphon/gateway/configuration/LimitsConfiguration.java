package io.antiphon.gateway.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.time.Duration;

/**
 * Bounds of this node.
 *
 * @param connections sockets of all tenants
 * @param sessions open at once, of one tenant; 0 for any number
 * @param sessionsPerMinute begun, of one tenant; 0 for any number
 * @param minutesPerDay of all sessions of one tenant together; 0 for any number
 * @param session longest session
 * @param unsentBytes that may wait for one peer before it is cut
 * @param stall time after which a peer that takes nothing is cut
 * @param ping time between pings
 * @param silence a peer from which nothing comes for so long, not even a pong, is cut
 * @param drain how long running sessions may go on when the gateway stops
 */
public record LimitsConfiguration(
    int connections,
    int sessions,
    int sessionsPerMinute,
    int minutesPerDay,
    Duration session,
    ByteSize unsentBytes,
    Duration stall,
    Duration ping,
    Duration silence,
    Duration drain)
    implements Section {
  @Override
  public void check(Problems problems) {
    problems.require(connections >= 1, "connections", connections, "at least 1");
    problems.require(sessions >= 0, "sessions", sessions, "at least 0");
    problems.require(sessionsPerMinute >= 0, "sessionsPerMinute", sessionsPerMinute, "at least 0");
    problems.require(minutesPerDay >= 0, "minutesPerDay", minutesPerDay, "at least 0");
    problems.require(
        unsentBytes.bytes() >= 64 * 1024, "unsentBytes", unsentBytes, "at least 64KiB");
    positive("session", session, problems);
    positive("stall", stall, problems);
    positive("ping", ping, problems);
    problems.require(
        silence.compareTo(ping) > 0,
        "silence",
        silence.toMillis() + "ms",
        "more than ping: a silent peer answers pings");
  }

  private static void positive(String setting, Duration value, Problems problems) {
    problems.require(
        value.compareTo(Duration.ofMillis(1)) >= 0,
        setting,
        value.toMillis() + "ms",
        "at least 1ms");
  }
}
