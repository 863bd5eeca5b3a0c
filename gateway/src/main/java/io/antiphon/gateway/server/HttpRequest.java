package io.antiphon.gateway.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request with its whole body.
 *
 * @param secure whether it came over TLS
 * @param query decoded parameters
 * @param headers by name in lower case
 * @param uri as the client asked: scheme, host, path and query; what signatures are made over
 * @param body empty for a handshake
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record HttpRequest(
    String method,
    String path,
    String uri,
    boolean secure,
    String remoteAddress,
    Map<String, List<String>> query,
    Map<String, List<String>> headers,
    byte[] body) {

  /** The first value of a header. */
  public Optional<String> header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    return values.stream().findFirst();
  }

  /** All values of a header that is a list with commas. */
  public List<String> listHeader(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
        .flatMap(value -> List.of(value.split(",")).stream())
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /** The first value of a query parameter. */
  public Optional<String> parameter(String name) {
    return query.getOrDefault(name, List.of()).stream().findFirst();
  }

  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
