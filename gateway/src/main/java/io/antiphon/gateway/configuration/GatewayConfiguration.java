package io.antiphon.gateway.configuration;

import java.util.Optional;

/**
 * Every setting of the gateway. Names are those of the YAML file; defaults stand in the resource
 * {@code gateway.yaml}.
 *
 * @param management where health and metrics are served
 * @param publicUrl what callers see, such as {@code https://voice.example.org}; empty: the address
 *     that is listened on
 */
public record GatewayConfiguration(
    ListenConfiguration listen,
    ListenConfiguration management,
    Optional<String> publicUrl,
    BrokerConfiguration kafka,
    NodeConfiguration node,
    SecurityConfiguration security,
    LimitsConfiguration limits,
    RealtimeConfiguration realtime,
    DataflowConfiguration dataflow) {}
