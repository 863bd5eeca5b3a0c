package io.antiphon.gateway.realtime;

import io.antiphon.gateway.conversation.HistoryItem.Role;
import io.antiphon.gateway.realtime.Item.Kind;
import io.antiphon.gateway.realtime.Item.Part;
import io.antiphon.gateway.realtime.Item.Status;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Reads an item that a client wrote. */
final class ItemReader {
  private static final List<String> TYPES =
      List.of("message", "function_call", "function_call_output");
  private static final List<String> ROLES = List.of("system", "user", "assistant");
  private static final int LONGEST_ID = 128;
  private static final int LONGEST_TEXT = 256 * 1024;

  /**
   * An item and the audio that came in it.
   *
   * @param audio bytes in the session's input format, one array a part
   */
  record Given(Item item, List<byte[]> audio) {}

  private ItemReader() {}

  /**
   * @param newId for an item without an id
   */
  static Given read(Parameters given, String newId) throws RealtimeException {
    String id = given.text("id").orElse(newId);
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw given.invalid("id", "Invalid 'item.id': expected 1 to " + LONGEST_ID + " characters.");
    }
    String type = given.choice("type", TYPES).orElseThrow(() -> given.missing("type"));
    return switch (type) {
      case "message" -> message(given, id);
      case "function_call" ->
          new Given(
              new Item.FunctionCall(
                  id,
                  Status.COMPLETED,
                  given.text("call_id").orElse("call_" + id),
                  bounded(given, "name"),
                  bounded(given, "arguments")),
              List.of());
      default ->
          new Given(
              new Item.FunctionCallOutput(
                  id, given.requiredText("call_id"), bounded(given, "output")),
              List.of());
    };
  }

  private static Given message(Parameters given, String id) throws RealtimeException {
    Role role =
        Role.valueOf(
            given
                .choice("role", ROLES)
                .orElseThrow(() -> given.missing("role"))
                .toUpperCase(Locale.ROOT));
    List<Part> parts = new ArrayList<>();
    List<byte[]> audio = new ArrayList<>();
    int length = 0;
    for (Parameters content :
        given.objects("content").orElseThrow(() -> given.missing("content"))) {
      Kind kind = kind(role, content);
      if (kind == null) {
        continue;
      }
      if (kind == Kind.INPUT_AUDIO && content.has("audio")) {
        audio.add(base64(content, "audio"));
      }
      String text = content.text(kind.audio() ? "transcript" : "text").orElse("");
      length += text.length();
      if (length > LONGEST_TEXT) {
        throw given.invalid(
            "content",
            "Invalid 'item.content': longer than " + LONGEST_TEXT + " characters of text.");
      }
      parts.add(new Part(kind, text));
    }
    return new Given(new Item.Message(id, role, Status.COMPLETED, parts), audio);
  }

  /** Null for a part of a kind that is left out: images. */
  private static @org.jspecify.annotations.Nullable Kind kind(Role role, Parameters content)
      throws RealtimeException {
    String type = content.requiredText("type");
    List<String> allowed =
        switch (role) {
          case SYSTEM -> List.of("input_text");
          case USER -> List.of("input_text", "input_audio", "input_image");
          case ASSISTANT -> List.of("output_text", "output_audio");
        };
    if (!allowed.contains(type)) {
      throw content.value("type", type, allowed);
    }
    return Kind.of(type).orElse(null);
  }

  static byte[] base64(Parameters owner, String name) throws RealtimeException {
    try {
      return Base64.getDecoder().decode(owner.requiredText(name));
    } catch (IllegalArgumentException e) {
      throw owner.invalid(
          name, "Invalid '" + owner.path(name) + "'. Expected base64-encoded audio bytes.");
    }
  }

  private static String bounded(Parameters given, String name) throws RealtimeException {
    String text = given.requiredText(name);
    if (text.length() > LONGEST_TEXT) {
      throw given.invalid(
          name, "Invalid '" + given.path(name) + "': longer than " + LONGEST_TEXT + " characters.");
    }
    return text;
  }
}
