package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * {@code tool_choice}: a word or a function's name.
 *
 * @param function whether {@code name} is a function and not one of the words
 */
record ToolChoice(String name, boolean function) {
  static final ToolChoice AUTO = new ToolChoice("auto", false);
  private static final List<String> WORDS = List.of("auto", "none", "required");

  static Optional<ToolChoice> read(String field, Parameters owner) throws RealtimeException {
    JsonNode raw = owner.raw(field);
    if (raw.isObject()) {
      Parameters choice = owner.requiredObject(field);
      // A choice of a kind that is not served (mcp) leaves it to the model.
      return choice.text("type").orElse("function").equals("function")
          ? Optional.of(new ToolChoice(choice.requiredText("name"), true))
          : Optional.of(AUTO);
    }
    return owner.choice(field, WORDS).map(word -> new ToolChoice(word, false));
  }

  /** Whether tools allow it; those of the bundle are not known here and allow everything. */
  boolean allowedBy(Tools tools) {
    if (!tools.asked()) {
      return true;
    }
    return function ? tools.has(name) : !name.equals("required") || !tools.written().isEmpty();
  }

  /** What a client is told whose choice the tools do not allow. */
  RealtimeException refusal(String field, Parameters owner) {
    return owner.invalid(
        field,
        function
            ? "Invalid value for 'tool_choice': no function named '"
                + Parameters.shortened(name)
                + "' was specified in the 'tools' parameter."
            : "Invalid value for 'tool_choice': 'required' is only allowed when 'tools' are"
                + " specified.");
  }

  Object written() {
    return function ? new Chosen("function", name) : name;
  }

  /** A function that must be called. */
  record Chosen(String type, String name) {}
}
