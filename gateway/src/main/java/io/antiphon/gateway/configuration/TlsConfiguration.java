package io.antiphon.gateway.configuration;

import java.nio.file.Path;

/**
 * A certificate; read anew when a file changes.
 *
 * @param certificate PEM, the server's own first
 * @param key PEM, PKCS#8 without a password
 */
public record TlsConfiguration(Path certificate, Path key) {}
