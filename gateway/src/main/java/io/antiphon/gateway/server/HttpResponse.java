package io.antiphon.gateway.server;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An answer to a request. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record HttpResponse(
    int status, String contentType, Map<String, String> headers, byte[] body) {
  public HttpResponse {
    headers = Map.copyOf(headers);
  }

  public static HttpResponse json(int status, String body) {
    return text(status, "application/json", body);
  }

  public static HttpResponse text(int status, String contentType, String body) {
    return new HttpResponse(status, contentType, Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }
}
