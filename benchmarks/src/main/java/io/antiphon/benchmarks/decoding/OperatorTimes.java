package io.antiphon.benchmarks.decoding;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime's own profile of a graph, summed by operator. */
public final class OperatorTimes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private OperatorTimes() {}

  /**
   * Profiles steps on the CPU.
   *
   * @param past positions in the cache at the first step
   * @return milliseconds of a step by operator, longest first
   */
  public static Map<String, Double> ofSteps(
      Bundle bundle, ModelHostSettings settings, int rows, int past, int steps)
      throws OrtException, IOException {
    Path folder = Files.createTempDirectory("antiphon-operators");
    Path file;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(settings.intraOpThreads());
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", settings.spinning() ? "1" : "0");
      options.enableProfiling(folder.resolve("profile").toString());
      try (OrtSession session =
              OrtEnvironment.getEnvironment()
                  .createSession(bundle.file(Manifest.Graph.STEP_GREEDY).toString(), options);
          RawStepLoop loop =
              new RawStepLoop(session, bundle.manifest(), rows, settings.positionsPerRow() + 1)) {
        for (int i = 0; i < steps; i++) {
          loop.run(past, i);
        }
        file = Path.of(session.endProfiling());
      }
    }
    Map<String, Double> millis = byOperator(JSON.readTree(file.toFile()), steps);
    Files.delete(file);
    Files.delete(folder);
    return millis;
  }

  /**
   * @param events of a profile
   * @param runs over which the time is divided
   */
  public static Map<String, Double> byOperator(JsonNode events, int runs) {
    Map<String, Double> sums = new HashMap<>();
    for (JsonNode event : events) {
      String operator = event.path("args").path("op_name").asText();
      if (!operator.isEmpty() && event.path("name").asText().endsWith("_kernel_time")) {
        sums.merge(operator, event.path("dur").asDouble() / 1000 / runs, Double::sum);
      }
    }
    Map<String, Double> sorted = new LinkedHashMap<>();
    sums.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
