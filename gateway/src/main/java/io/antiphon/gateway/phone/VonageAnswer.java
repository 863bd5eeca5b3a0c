package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.server.HttpRequest;

/** Vonage's call control objects (NCCO). */
final class VonageAnswer {
  private VonageAnswer() {}

  /** Connects a call to a WebSocket at 16 kHz and names caller and callee in its first message. */
  static String connect(String socket, String ticket, HttpRequest request) {
    var actions = JsonNodeFactory.instance.arrayNode();
    ObjectNode endpoint =
        actions.addObject().put("action", "connect").putArray("endpoint").addObject();
    endpoint.put("type", "websocket");
    endpoint.put("uri", socket + "?ticket=" + ticket);
    endpoint.put("content-type", "audio/l16;rate=16000");
    ObjectNode headers = endpoint.putObject("headers");
    for (String name : new String[] {"uuid", "from", "to"}) {
      request.parameter(name).ifPresent(value -> headers.put(name, value));
    }
    return actions.toString();
  }
}
