package io.antiphon.operators.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The names of offered tools. */
public final class ToolNames {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ToolNames() {}

  /**
   * Of checked signatures.
   *
   * @param signatures JSON objects with a name, also within a "function" as OpenAI writes them;
   *     those without are left out
   */
  public static Set<String> of(List<String> signatures) {
    Set<String> names = new TreeSet<>();
    for (String signature : signatures) {
      try {
        JsonNode tool = JSON.readTree(signature);
        JsonNode name = tool.has("name") ? tool.get("name") : tool.path("function").path("name");
        if (name.isTextual()) {
          names.add(name.textValue());
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a signature that was checked", e);
      }
    }
    return names;
  }
}
