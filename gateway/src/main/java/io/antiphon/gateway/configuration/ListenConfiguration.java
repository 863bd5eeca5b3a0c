package io.antiphon.gateway.configuration;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the gateway listens.
 *
 * @param port 0 for any free one
 * @param certificate PEM, the server's own first; empty for plain text, which belongs on loopback
 *     or behind a proxy. Read anew when the file changes
 * @param key PEM, PKCS#8 without a password
 * @param trustProxy believe {@code X-Forwarded-*} of whoever connects
 */
public record ListenConfiguration(
    String host, int port, Optional<Path> certificate, Optional<Path> key, boolean trustProxy) {}
