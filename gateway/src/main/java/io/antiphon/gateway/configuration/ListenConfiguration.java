package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import java.nio.file.Files;
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
    String host, int port, Optional<Path> certificate, Optional<Path> key, boolean trustProxy)
    implements Section {
  @Override
  public void check(Problems problems) {
    problems.require(!host.isBlank(), "host", host, "a name or address to listen on");
    problems.require(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
    problems.require(
        certificate.isPresent() == key.isPresent(),
        "key",
        key.map(Path::toString).orElse(null),
        "a file where certificate is one, and nothing where it is none");
    certificate.ifPresent(
        file -> problems.require(Files.isReadable(file), "certificate", file, "a readable file"));
    key.ifPresent(file -> problems.require(Files.isReadable(file), "key", file, "a readable file"));
  }
}
