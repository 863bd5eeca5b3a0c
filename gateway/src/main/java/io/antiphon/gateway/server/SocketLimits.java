package io.antiphon.gateway.server;

import java.time.Duration;

/**
 * Bounds of every WebSocket.
 *
 * @param maximumUnsentBytes that may wait for a peer; more cuts it
 * @param stall a peer that takes nothing for so long although something waits is cut
 * @param ping time between pings
 * @param idle a peer from which nothing comes for so long, not even a pong, is cut
 * @param waitingTasks of one connection's strand
 */
public record SocketLimits(
    long maximumUnsentBytes, Duration stall, Duration ping, Duration idle, int waitingTasks) {
  public static final SocketLimits DEFAULT =
      new SocketLimits(
          8L << 20, Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(60), 2_000);
}
