package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.HistoryItem.Role;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An item of a session's conversation, as the client sees it. */
sealed interface Item {
  String id();

  ObjectNode write();

  /** What the dataflow is told of it. */
  HistoryItem history();

  /** Whether an item is still being made. */
  enum Status {
    IN_PROGRESS,
    COMPLETED,
    INCOMPLETE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a part holds. */
  enum Kind {
    INPUT_TEXT("input_text", "text"),
    INPUT_AUDIO("input_audio", "transcript"),
    OUTPUT_TEXT("output_text", "text"),
    OUTPUT_AUDIO("output_audio", "transcript");

    private final String type;
    private final String field;

    Kind(String type, String field) {
      this.type = type;
      this.field = field;
    }

    static java.util.Optional<Kind> of(String type) {
      for (Kind kind : values()) {
        if (kind.type.equals(type)) {
          return java.util.Optional.of(kind);
        }
      }
      return java.util.Optional.empty();
    }

    boolean audio() {
      return this == INPUT_AUDIO || this == OUTPUT_AUDIO;
    }
  }

  /**
   * A part of a message.
   *
   * @param text or transcript, empty while it is not known
   */
  record Part(Kind kind, String text) {}

  /** Something said or written. */
  record Message(String id, Role role, Status status, List<Part> parts) implements Item {
    public Message {
      parts = List.copyOf(parts);
    }

    /** The same with one part only. */
    Message with(Status newStatus, Part part) {
      return new Message(id, role, newStatus, List.of(part));
    }

    String text() {
      return parts.stream().map(Part::text).collect(Collectors.joining("\n"));
    }

    @Override
    public ObjectNode write() {
      ObjectNode item =
          node(id, "message", status).put("role", role.name().toLowerCase(Locale.ROOT));
      ArrayNode content = item.putArray("content");
      for (Part part : parts) {
        content.addObject().put("type", part.kind.type).put(part.kind.field, part.text);
      }
      return item;
    }

    @Override
    public HistoryItem history() {
      return new HistoryItem.Message(id, role, text());
    }
  }

  /** A tool is called. */
  record FunctionCall(String id, Status status, String callId, String name, String arguments)
      implements Item {
    @Override
    public ObjectNode write() {
      return node(id, "function_call", status)
          .put("call_id", callId)
          .put("name", name)
          .put("arguments", arguments);
    }

    @Override
    public HistoryItem history() {
      return new HistoryItem.FunctionCall(id, callId, name, arguments);
    }
  }

  /** What a tool gave. */
  record FunctionCallOutput(String id, String callId, String output) implements Item {
    @Override
    public ObjectNode write() {
      return node(id, "function_call_output", Status.COMPLETED)
          .put("call_id", callId)
          .put("output", output);
    }

    @Override
    public HistoryItem history() {
      return new HistoryItem.FunctionCallOutput(id, callId, output);
    }
  }

  private static ObjectNode node(String id, String type, Status status) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("object", "realtime.item")
        .put("type", type)
        .put("status", status.word());
  }
}
