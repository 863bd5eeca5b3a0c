package io.antiphon.operators.dialogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.antiphon.operators.message.Failure;
import io.antiphon.runtime.text.Prompts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes tool calls out of an answer's text as it is made. Owns the text that may still become a
 * marker, the call that is open and the calls found.
 */
public final class ToolCallScanner {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A call.
   *
   * @param arguments a JSON object
   */
  public record Call(String name, String arguments) {}

  private final String begin;
  private final String end;
  private final StringBuilder pending = new StringBuilder();
  private final List<Call> calls = new ArrayList<>();
  private boolean inside;
  private @Nullable String problem;

  public ToolCallScanner(String begin, String end) {
    this.begin = begin;
    this.end = end;
  }

  /**
   * A call as a model writes it.
   *
   * @param arguments a JSON object
   */
  static String write(Prompts prompts, String name, String arguments) {
    String call = "{\"name\": " + TextNode.valueOf(name) + ", \"arguments\": " + arguments + "}";
    return prompts.toolCallBegin() + call + prompts.toolCallEnd();
  }

  /**
   * How a call begins that must be made. It ends behind a colon, where no tokenizer joins what
   * follows to it.
   *
   * @param name null leaves it to the model which tool is called
   */
  static String opening(Prompts prompts, @Nullable String name) {
    return prompts.toolCallBegin()
        + "{\"name\":"
        + (name == null ? "" : " " + TextNode.valueOf(name) + ", \"arguments\":");
  }

  /** Takes the next piece; gives the text that stands outside of calls for certain. */
  public String append(String piece) {
    pending.append(piece);
    StringBuilder shown = new StringBuilder();
    while (true) {
      String marker = inside ? end : begin;
      int at = pending.indexOf(marker);
      if (at < 0) {
        break;
      }
      if (inside) {
        parse(pending.substring(0, at));
      } else {
        shown.append(pending, 0, at);
      }
      pending.delete(0, at + marker.length());
      inside = !inside;
    }
    if (!inside) {
      int safe = pending.length() - overlap();
      shown.append(pending, 0, safe);
      pending.delete(0, safe);
    }
    return shown.toString();
  }

  /** Characters at the end that may be the beginning of a marker. */
  private int overlap() {
    for (int length = Math.min(begin.length() - 1, pending.length()); length > 0; length--) {
      if (begin.startsWith(pending.substring(pending.length() - length))) {
        return length;
      }
    }
    return 0;
  }

  /** The text is over; gives what was held back. An open call is a problem. */
  public String finish() {
    if (inside) {
      problem = "the tool call does not end: " + pending;
      return "";
    }
    String rest = pending.toString();
    pending.setLength(0);
    return rest;
  }

  private void parse(String text) {
    try {
      JsonNode call = JSON.readTree(text);
      JsonNode name = call.path("name");
      JsonNode arguments = call.path("arguments");
      if (!name.isTextual() || !(arguments.isObject() || arguments.isMissingNode())) {
        problem = "a tool call needs a name and an object of arguments, not " + text.strip();
        return;
      }
      calls.add(
          new Call(
              name.textValue(),
              arguments.isMissingNode() ? "{}" : JSON.writeValueAsString(arguments)));
    } catch (JsonProcessingException e) {
      problem = "a tool call is no JSON (" + e.getOriginalMessage() + "): " + text.strip();
    }
  }

  public List<Call> calls() {
    return calls;
  }

  /** What is wrong with a call, shortened as a {@link Failure}'s message, or null. */
  public @Nullable String problem() {
    return problem == null ? null : Failure.shortened(problem);
  }
}
