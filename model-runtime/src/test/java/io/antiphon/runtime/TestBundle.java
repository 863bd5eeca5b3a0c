package io.antiphon.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A copy of reference bundle a with a small detokenizer, a tokenizer and a prompt, to be spoilt by
 * a test.
 */
public final class TestBundle {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TestBundle() {}

  /** Writes the bundle and gives its folder. */
  public static Path write(Path directory, Consumer<ObjectNode> change) {
    try {
      copy(Goldens.A, directory);
      copy(resource("/detokenizer"), directory);
      copy(resource("/tokenizer"), directory);
      Path file = directory.resolve("antiphon.json");
      ObjectNode manifest = (ObjectNode) MAPPER.readTree(file.toFile());
      ((ObjectNode) manifest.get("graphs")).put("detokenizer", "detokenizer.onnx");
      manifest.set("detokenizer", MAPPER.readTree(directory.resolve("detokenizer.json").toFile()));
      manifest.set("prompt", prompt());
      change.accept(manifest);
      MAPPER.writeValue(file.toFile(), manifest);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode prompt() {
    ObjectNode prompt = MAPPER.createObjectNode();
    prompt.put("systemPrefix", "<|im_start|>system\n").put("systemSuffix", "<|im_end|>\n");
    prompt.put("userPrefix", "<|im_start|>user\n").put("userSuffix", "<|im_end|>\n");
    prompt.put("assistantPrefix", "<|im_start|>assistant\n").put("assistantSuffix", "<|im_end|>\n");
    prompt.put("audioBegin", "<|audio_bos|>").put("audio", "<|AUDIO|>");
    prompt.put("audioEnd", "<|audio_eos|>");
    prompt.put("toolsPrefix", "\n<tools>\n").put("toolsSeparator", "\n");
    prompt.put("toolsSuffix", "\n</tools>");
    prompt.put("toolResultPrefix", "<tool_response>\n");
    prompt.put("toolResultSuffix", "\n</tool_response>");
    prompt.put("toolCallBegin", "<tool_call>").put("toolCallEnd", "</tool_call>");
    prompt
        .putObject("instructions")
        .put("speech", "Speak.")
        .put("text", "Write.")
        .put("transcribe", "Repeat.");
    List.of(
            "{\"name\": \"get_balance\", \"parameters\": {\"account\": \"string\"}}",
            "{\"name\": \"ring\", \"parameters\": {}}")
        .forEach(prompt.withArray("tools")::add);
    prompt.put("historyTurns", 8).put("forceSpeechWithTools", false);
    return prompt;
  }

  private static Path resource(String name) {
    try {
      return Path.of(TestBundle.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
