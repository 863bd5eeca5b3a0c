package io.antiphon.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The recordings of the repository with what their manifest says of them. */
final class Samples {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("..", "samples");

  private Samples() {}

  /** Lines of the manifest. */
  static List<JsonNode> all() {
    try {
      List<JsonNode> samples = new ArrayList<>();
      for (String line : Files.readAllLines(FOLDER.resolve("manifest.jsonl"))) {
        samples.add(JSON.readTree(line));
      }
      return samples;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those that are answered without a tool. */
  static List<JsonNode> questions() {
    return all().stream().filter(sample -> !sample.has("call")).toList();
  }

  static JsonNode byId(String id) {
    return all().stream().filter(s -> s.path("id").asText().equals(id)).findFirst().orElseThrow();
  }

  static String expected(JsonNode sample) {
    return sample.path("expected").asText();
  }

  /** The recording at 16 kHz, 16 bits. */
  static short[] recording(JsonNode sample) {
    try {
      Path file = FOLDER.resolve(sample.path("audio").asText());
      return SampleCoding.to16Bits(MonoRecording.read(file).samplesAt(16_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
