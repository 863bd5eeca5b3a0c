package io.antiphon.runtime.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.runtime.manifest.Manifest.Prompt.ToolParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Callers' tool signatures in the form that a model was taught. */
final class ToolSignatures {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNTYPED = "string";

  private ToolSignatures() {}

  /**
   * @param signature one JSON object, its parameters a JSON Schema or in the model's form already
   * @return the same where there is nothing to change or it is no such object
   */
  static String in(ToolParameters form, String signature) {
    if (form == ToolParameters.SCHEMA) {
      return signature;
    }
    try {
      JsonNode tool = JSON.readTree(signature);
      JsonNode properties = tool.path("parameters").path("properties");
      if (!tool.path("name").isTextual() || !properties.isObject()) {
        return signature;
      }
      List<String> types = new ArrayList<>();
      for (Map.Entry<String, JsonNode> property : properties.properties()) {
        types.add(text(property.getKey()) + ": " + text(type(property.getValue())));
      }
      // Spaced as Python writes JSON, and so as models are taught.
      return "{\"name\": "
          + text(tool.get("name").textValue())
          + ", \"parameters\": {"
          + String.join(", ", types)
          + "}}";
    } catch (JsonProcessingException e) {
      return signature;
    }
  }

  /** The one type that a value has, or the first that is not null. */
  private static String type(JsonNode property) {
    JsonNode type = property.path("type");
    if (type.isTextual()) {
      return type.textValue();
    }
    for (JsonNode each : type) {
      if (!each.asText().equals("null")) {
        return each.asText();
      }
    }
    return UNTYPED;
  }

  private static String text(String value) throws JsonProcessingException {
    return JSON.writeValueAsString(value);
  }
}
