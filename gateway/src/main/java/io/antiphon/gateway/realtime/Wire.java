package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON as the protocol writes it: names with underscores, null where null is meant. */
final class Wire {
  private static final int DEEPEST = 64;

  static final ObjectMapper JSON =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxStringLength(32 << 20)
                          .build())
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private Wire() {}

  static String write(ServerEvent event) {
    try {
      return JSON.writeValueAsString(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event that cannot be written", e);
    }
  }

  /** An object that the client sent. */
  static JsonNode read(String message) throws RealtimeException {
    JsonNode node;
    try {
      node = JSON.readTree(message);
    } catch (JsonProcessingException e) {
      throw new RealtimeException(
          "invalid_json", "Could not parse the message as JSON: " + reason(e), null);
    }
    if (node == null || !node.isObject()) {
      throw new RealtimeException(
          "invalid_type", "Invalid message: expected a JSON object with a 'type'.", null);
    }
    return node;
  }

  private static String reason(JsonProcessingException e) {
    // The library's text after this word shows pieces of the message; they may be secret.
    String text = e.getOriginalMessage() == null ? "malformed" : e.getOriginalMessage();
    int at = text.indexOf('\n');
    return Parameters.shortened(at < 0 ? text : text.substring(0, at));
  }
}
