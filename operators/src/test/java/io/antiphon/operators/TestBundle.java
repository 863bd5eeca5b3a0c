package io.antiphon.operators;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.runtime.Bundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A bundle without weights: a manifest, a tokenizer of single bytes (the id of a byte is its value)
 * and six special tokens. Enough for everything but the graphs.
 */
public final class TestBundle {
  /** A safetensors file whose header, of two bytes, names nothing. */
  private static final byte[] NO_TENSORS = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};

  static final int HIDDEN = 3;
  static final int GROUP = 5;
  static final int AUDIO_BEGIN = 257;
  static final int END_OF_TURN = 260;
  static final int CALL_BEGIN = 261;
  static final int CALL_END = 262;
  static final int CODES = 100;
  static final int SPEECH_BEGIN = 100;
  static final int SPEECH_END = 101;
  static final int SAMPLES_PER_TOKEN = 960;

  private static final List<String> SPECIALS =
      List.of("<audio>", "<bos>", "<eos>", "<sil>", "<end>", "<call>", "</call>");

  private TestBundle() {}

  /** Writes and loads a bundle whose context has so many positions. */
  static Bundle load(Path directory, int maximumPositions) throws IOException {
    Files.createDirectories(directory);
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.put("format", "antiphon-bundle").put("version", 1).put("name", "test");
    root.putArray("weights").add("model.safetensors");
    root.set(
        "audio",
        json.valueToTree(
            Map.ofEntries(
                Map.entry("sampleRate", 16000),
                Map.entry("fftSize", 400),
                Map.entry("hopLength", 160),
                Map.entry("melBins", 2),
                Map.entry("constants", "log_mel.safetensors"),
                Map.entry("powerFloor", 1e-10),
                Map.entry("dynamicRange", 8.0),
                Map.entry("offset", 4.0),
                Map.entry("scale", 4.0),
                Map.entry("windowFrames", 200),
                Map.entry("tokenRate", 25),
                Map.entry("groupSize", GROUP))));
    root.set(
        "sharedLlm",
        json.valueToTree(
            Map.of(
                "hiddenSize",
                HIDDEN,
                "layers",
                1,
                "keyValueHeads",
                1,
                "headSize",
                2,
                "vocabularySize",
                256 + SPECIALS.size(),
                "maximumPositions",
                maximumPositions)));
    root.set(
        "refinedHead",
        json.valueToTree(
            Map.of("layers", 1, "keyValueHeads", 1, "headSize", 2, "codebookSize", CODES + 4)));
    ObjectNode ids = root.putObject("ids");
    ids.putObject("text")
        .put("pad", 0)
        .put("audio", 256)
        .put("audioBegin", AUDIO_BEGIN)
        .put("audioEnd", 258)
        .put("silence", 259)
        .putArray("endOfTurn")
        .add(END_OF_TURN);
    ids.putObject("speech")
        .put("begin", SPEECH_BEGIN)
        .put("end", SPEECH_END)
        .put("pad", CODES + 3)
        .put("codes", CODES);
    ObjectNode graphs = root.putObject("graphs");
    for (String graph :
        List.of(
            "encoder",
            "grouping",
            "prefill",
            "prefillText",
            "step",
            "stepGreedy",
            "stepText",
            "stepTextGreedy",
            "detokenizer")) {
      graphs.put(graph, "graph.onnx");
    }
    Map<String, Object> greedy = Map.of("temperature", 0.0, "topP", 1.0, "repetitionPenalty", 1.0);
    root.set(
        "sampling",
        json.valueToTree(
            Map.of("text", greedy, "speech", greedy, "candidates", 8, "maximumNewPositions", 64)));
    root.set("prompt", prompt(json));
    ObjectNode detokenizer = root.putObject("detokenizer");
    detokenizer
        .put("sampleRate", 24000)
        .put("samplesPerToken", SAMPLES_PER_TOKEN)
        .put("delaySamples", 0)
        .put("flushTokens", 1)
        .put("flushId", 0)
        .putArray("states");
    json.writeValue(directory.resolve("antiphon.json").toFile(), root);
    json.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer(json));
    Files.writeString(
        directory.resolve("turn_endings.json"), "{\"\": 0.5, \"of\": 0.02, \"of cuba\": 0.9}");
    Files.write(directory.resolve("log_mel.safetensors"), constants());
    Files.write(directory.resolve("model.safetensors"), NO_TENSORS);
    Files.write(directory.resolve("graph.onnx"), new byte[0]);
    return Bundle.load(directory);
  }

  private static ObjectNode prompt(ObjectMapper json) {
    ObjectNode prompt = json.createObjectNode();
    prompt
        .put("systemPrefix", "S:")
        .put("systemSuffix", "\n")
        .put("userPrefix", "U:")
        .put("userSuffix", "\n")
        .put("assistantPrefix", "A:")
        .put("assistantSuffix", "\n")
        .put("audioBegin", "<bos>")
        .put("audio", "<audio>")
        .put("audioEnd", "<eos>")
        .put("toolsPrefix", " tools ")
        .put("toolsSeparator", ",")
        .put("toolsSuffix", ".")
        .put("toolResultPrefix", "R:")
        .put("toolResultSuffix", ";")
        .put("toolCallBegin", "<call>")
        .put("toolCallEnd", "</call>")
        .put("turnEndings", "turn_endings.json")
        .put("historyTurns", 3)
        .put("forceSpeechWithTools", false);
    prompt
        .putObject("instructions")
        .put("speech", "speak")
        .put("text", "write")
        .put("transcribe", "transcribe");
    prompt.putArray("tools");
    return prompt;
  }

  private static ObjectNode tokenizer(ObjectMapper json) {
    ObjectNode root = json.createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding").putNull("normalizer");
    ArrayNode added = root.putArray("added_tokens");
    for (int i = 0; i < SPECIALS.size(); i++) {
      added
          .addObject()
          .put("id", 256 + i)
          .put("content", SPECIALS.get(i))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.set("pre_tokenizer", byteLevel(json));
    root.putNull("post_processor");
    root.set("decoder", byteLevel(json));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    ObjectNode vocabulary = model.putObject("vocab");
    int beyond = 0;
    for (int value = 0; value < 256; value++) {
      boolean printable =
          (value >= '!' && value <= '~')
              || (value >= 0xA1 && value <= 0xAC)
              || (value >= 0xAE && value <= 0xFF);
      vocabulary.put(String.valueOf((char) (printable ? value : 256 + beyond++)), value);
    }
    model.putArray("merges");
    return root;
  }

  private static ObjectNode byteLevel(ObjectMapper json) {
    return json.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
  }

  private static byte[] constants() {
    int window = 400;
    int filters = 2 * 201;
    String header =
        "{\"window\":{\"dtype\":\"F64\",\"shape\":[400],\"data_offsets\":[0,"
            + window * 8
            + "]},\"mel_filters\":{\"dtype\":\"F64\",\"shape\":[2,201],\"data_offsets\":["
            + window * 8
            + ","
            + (window + filters) * 8
            + "]}}";
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + (window + filters) * 8)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    for (int i = 0; i < window; i++) {
      bytes.putDouble(0.5 - 0.5 * Math.cos(2 * Math.PI * i / window));
    }
    for (int i = 0; i < filters; i++) {
      bytes.putDouble(1.0 / 201);
    }
    return bytes.array();
  }
}
