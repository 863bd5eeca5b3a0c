package io.antiphon.gateway;

import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.conversation.ConversationPort;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.security.Access;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What protocols share.
 *
 * @param workers runs strands; its tasks must not wait for the network
 * @param clock timers, such as the pace of 20 ms frames; its tasks only hand over
 */
public record GatewayContext(
    GatewayConfiguration configuration,
    ConversationPort conversations,
    Access access,
    GatewayMetrics metrics,
    Executor workers,
    ScheduledExecutorService clock) {}
