package io.antiphon.gateway.configuration;

/**
 * Where the gateway listens.
 *
 * @param port 0 for any free one
 */
public record ListenConfiguration(String host, int port) {}
