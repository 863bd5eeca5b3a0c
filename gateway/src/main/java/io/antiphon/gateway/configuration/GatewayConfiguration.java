package io.antiphon.gateway.configuration;

import java.util.Optional;

/**
 * Every setting of the gateway.
 *
 * @param publicUrl what callers see, such as {@code https://voice.example.org}; empty: the address
 *     that is listened on
 */
public record GatewayConfiguration(ListenConfiguration listen, Optional<String> publicUrl) {}
