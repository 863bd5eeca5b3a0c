package io.antiphon.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.schemas.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One line of an evaluation's manifest: a conversation.
 *
 * @param audio the caller's turns
 * @param results what called tools answer, for each turn; none leaves the calls of a turn
 *     unanswered
 */
record EvaluationItem(
    String id,
    List<Path> audio,
    Mode mode,
    Optional<String> instructions,
    Optional<List<String>> tools,
    List<Optional<String>> results) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_PROBLEMS = 20;

  /**
   * Reads a manifest of one JSON object a line: {id, audio, mode?, instructions?, tools?, result?},
   * more members are ignored. {@code audio} is a path beside the manifest, or an array of paths,
   * one for each turn. {@code result} is a text for the calls of all turns, or an array of a text
   * or null for each turn.
   *
   * @throws InputException with the problems of all lines
   */
  static List<EvaluationItem> read(Path manifest) throws IOException {
    if (!Files.isRegularFile(manifest)) {
      throw new InputException(
          manifest + " does not exist; expected a manifest, one JSON object a line");
    }
    List<EvaluationItem> items = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (String line : Files.readAllLines(manifest)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        EvaluationItem item = parse(line, manifest.toAbsolutePath());
        if (!ids.add(item.id)) {
          throw new InputException(
              "id is \"" + item.id + "\"; expected one that no line before has");
        }
        items.add(item);
      } catch (InputException e) {
        problems.add("line " + number + ": " + e.getMessage());
      }
    }
    if (items.isEmpty() && problems.isEmpty()) {
      problems.add("no line; expected one JSON object a line");
    }
    if (!problems.isEmpty()) {
      int shown = Math.min(MOST_PROBLEMS, problems.size());
      String more = problems.size() > shown ? "\n  and " + (problems.size() - shown) + " more" : "";
      throw new InputException(
          "Manifest "
              + manifest
              + ":\n  "
              + String.join("\n  ", problems.subList(0, shown))
              + more);
    }
    return items;
  }

  private static EvaluationItem parse(String line, Path manifest) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InputException(e.getOriginalMessage() + "; expected a JSON object");
    }
    if (!node.isObject()) {
      throw new InputException("no JSON object; expected {\"id\": ..., \"audio\": ...}");
    }
    String id =
        text(node, "id").orElseThrow(() -> new InputException("id is missing; expected a text"));
    if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new InputException(
          "id is \""
              + id
              + "\"; expected letters, digits, dot, dash, underscore, for it names files");
    }
    List<Path> audio = audio(node.path("audio"), manifest);
    return new EvaluationItem(
        id,
        audio,
        ConversationOptions.mode(text(node, "mode").orElse("speech"), "mode"),
        text(node, "instructions"),
        tools(node.path("tools")),
        results(node, audio.size()));
  }

  private static List<Optional<String>> results(JsonNode node, int turns) {
    JsonNode value = node.path("result");
    if (!value.isArray()) {
      return Collections.nCopies(turns, text(node, "result"));
    }
    List<Optional<String>> results = new ArrayList<>();
    for (JsonNode result : value) {
      if (!result.isTextual() && !result.isNull()) {
        throw new InputException("result has " + result + "; expected texts and null");
      }
      results.add(result.isNull() ? Optional.empty() : Optional.of(result.asText()));
    }
    if (results.size() != turns) {
      throw new InputException(
          "result has " + results.size() + " entries; expected " + turns + ", one for each turn");
    }
    return List.copyOf(results);
  }

  private static List<Path> audio(JsonNode node, Path manifest) {
    List<Path> paths = new ArrayList<>();
    if (node.isTextual()) {
      paths.add(manifest.resolveSibling(node.asText()));
    } else if (node.isArray()) {
      node.forEach(path -> paths.add(manifest.resolveSibling(path.asText())));
    }
    if (paths.isEmpty()) {
      throw new InputException(
          "audio is missing; expected a WAV's path beside the manifest, or an array of them");
    }
    for (Path path : paths) {
      if (!Files.isRegularFile(path)) {
        throw new InputException("audio is " + path + ", which does not exist; expected a WAV");
      }
    }
    return List.copyOf(paths);
  }

  /** Signatures may stand as text or as JSON objects. */
  private static Optional<List<String>> tools(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isArray()) {
      throw new InputException("tools is " + node + "; expected an array of signatures");
    }
    List<String> tools = new ArrayList<>();
    node.forEach(tool -> tools.add(tool.isTextual() ? tool.asText() : tool.toString()));
    return Optional.of(List.copyOf(tools));
  }

  private static Optional<String> text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new InputException(name + " is " + value + "; expected a text");
    }
    return Optional.of(value.asText());
  }
}
