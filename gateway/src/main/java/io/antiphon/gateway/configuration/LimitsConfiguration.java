package io.antiphon.gateway.configuration;

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
    long unsentBytes,
    Duration stall,
    Duration ping,
    Duration silence,
    Duration drain) {}
