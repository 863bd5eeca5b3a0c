package io.antiphon.gateway.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /** A refusal in the shape that OpenAI's clients read: {@code {"error": {...}}}. */
  public static HttpResponse error(int status, String code, String message) {
    ObjectNode error = JsonNodeFactory.instance.objectNode();
    error
        .putObject("error")
        .put("message", message)
        .put("type", status >= 500 ? "server_error" : "invalid_request_error")
        .putNull("param")
        .put("code", code);
    return json(status, error.toString());
  }
}
