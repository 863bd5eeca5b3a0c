package io.antiphon.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Recorded questions that are answered without a tool, and questions of any length built from them.
 *
 * @param questions 16 kHz mono samples in [-1, 1]
 */
public record Recordings(List<float[]> questions) {
  public static final int SAMPLE_RATE = 16_000;

  /**
   * @param folder with a {@code manifest.jsonl}
   */
  public static Recordings read(Path folder) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<float[]> questions = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"))) {
      JsonNode sample = json.readTree(line);
      if (!sample.has("call")) {
        Path file = folder.resolve(sample.path("audio").asText());
        questions.add(MonoRecording.read(file).samplesAt(SAMPLE_RATE));
      }
    }
    if (questions.isEmpty()) {
      throw new BenchmarkException(
          folder + "/manifest.jsonl holds no recording without a tool call; expected at least one");
    }
    return new Recordings(List.copyOf(questions));
  }

  /**
   * A caller who is silent and then asks: nano understands no two questions in one turn, and what
   * it says without understanding is no measure of a load.
   *
   * @param which recording, counted round
   * @param seconds of silence and recording; the recording is never cut
   */
  public float[] question(int which, double seconds) {
    float[] asked = recording(which);
    float[] question = new float[Math.max(asked.length, (int) Math.round(seconds * SAMPLE_RATE))];
    System.arraycopy(asked, 0, question, question.length - asked.length, asked.length);
    return question;
  }

  private float[] recording(int index) {
    return questions.get(Math.floorMod(index, questions.size()));
  }
}
