package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code tools}: functions are served, others (MCP) are left out as if they were not there.
 *
 * @param written as the client wrote them, functions only
 * @param asked whether the client has spoken of tools at all
 */
record Tools(ArrayNode written, boolean asked) {
  /** The client has not spoken of tools: the bundle has its own. */
  static final Tools UNWRITTEN = new Tools(JsonNodeFactory.instance.arrayNode(), false);

  private static final int MOST = 128;

  static Tools read(String name, Parameters owner) throws RealtimeException {
    ArrayNode functions = JsonNodeFactory.instance.arrayNode();
    for (Parameters tool : owner.objects(name).orElse(List.of())) {
      if (!tool.text("type").orElse("function").equals("function")) {
        continue;
      }
      ObjectNode function = functions.addObject().put("type", "function");
      function.put("name", tool.requiredText("name"));
      tool.text("description").ifPresent(d -> function.put("description", d));
      JsonNode parameters = tool.raw("parameters");
      if (tool.object("parameters").isPresent()) {
        function.set("parameters", parameters);
      } else {
        function.putObject("parameters").put("type", "object").putObject("properties");
      }
    }
    if (functions.size() > MOST) {
      throw owner.invalid(name, "Too many tools: " + functions.size() + "; at most " + MOST + ".");
    }
    return new Tools(functions, true);
  }

  /** JSON signatures as the dataflow takes them. */
  List<String> signatures() {
    List<String> all = new ArrayList<>();
    for (JsonNode tool : written) {
      ObjectNode signature = JsonNodeFactory.instance.objectNode();
      signature.set("name", tool.get("name"));
      if (tool.has("description")) {
        signature.set("description", tool.get("description"));
      }
      signature.set("parameters", tool.get("parameters"));
      all.add(signature.toString());
    }
    return all;
  }

  boolean has(String function) {
    for (JsonNode tool : written) {
      if (tool.get("name").textValue().equals(function)) {
        return true;
      }
    }
    return false;
  }
}
