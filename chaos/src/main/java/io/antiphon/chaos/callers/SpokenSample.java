package io.antiphon.chaos.callers;

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
public record SpokenSample(String id, short[] samples, String result) {
  public static final int RATE = 16_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param folder with {@code manifest.jsonl}
   */
  public static List<SpokenSample> all(Path folder) throws IOException {
    List<SpokenSample> all = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"))) {
      JsonNode entry = JSON.readTree(line);
      Path file = folder.resolve(entry.path("audio").asText());
      all.add(
          new SpokenSample(
              entry.path("id").asText(),
              SampleCoding.to16Bits(MonoRecording.read(file).samplesAt(RATE)),
              entry.path("result").asText("done")));
    }
    return all;
  }
}
