package io.antiphon.gateway.configuration;

import java.util.Optional;

/**
 * Where the gateway listens.
 *
 * @param port 0 for any free one
 * @param tls empty for plain text, which belongs on loopback or behind a proxy
 * @param trustProxy believe {@code X-Forwarded-*} of whoever connects
 */
public record ListenConfiguration(
    String host, int port, Optional<TlsConfiguration> tls, boolean trustProxy) {}
