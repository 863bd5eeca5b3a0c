package io.antiphon.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A recording of the repository.
 *
 * @param samples 16 bits at {@link #RATE}
 * @param result what a called tool answers
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Sample(String id, short[] samples, String result) {
  static final int RATE = 16_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param folder with {@code manifest.jsonl}
   */
  static List<Sample> all(Path folder) throws IOException {
    List<Sample> all = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      Path file = folder.resolve(entry.path("audio").asText());
      all.add(
          new Sample(
              entry.path("id").asText(),
              SampleCoding.to16Bits(MonoRecording.read(file).samplesAt(RATE)),
              entry.path("result").asText("done")));
    }
    return all;
  }
}
