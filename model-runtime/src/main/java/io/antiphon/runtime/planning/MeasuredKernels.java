package io.antiphon.runtime.planning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a bundle's calls cost on one kind of core, as {@code bench kernels --json} writes it under
 * {@value #PART}.
 *
 * @param bundle the manifest's name
 * @param intraOpThreads threads inside a call when it was measured
 * @param positions shared-LLM positions in each row when steps were measured
 * @param loadedMebibytes memory of the process beside the rows once the bundle is loaded
 * @param costs milliseconds of calls
 */
public record MeasuredKernels(
    String bundle, int intraOpThreads, int positions, int loadedMebibytes, HostCosts costs) {
  /** Where the JSON has it. */
  public static final String PART = "kernels";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The form in which it is written. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("bundle", bundle);
    json.put("intraOpThreads", intraOpThreads);
    json.put("positions", positions);
    json.put("loadedMebibytes", loadedMebibytes);
    json.put("prefillMillis", costs.prefillMillis());
    json.put("encoderMillis", costs.encoder().points());
    json.put("stepMillis", costs.step().points());
    if (costs.detokenizer() != null) {
      json.put("detokenizerMillis", costs.detokenizer().points());
    }
    return json;
  }

  /**
   * @throws ConfigurationException naming every problem of the file
   */
  public static MeasuredKernels read(Path file) {
    List<String> problems = new ArrayList<>();
    JsonNode part = JSON.missingNode();
    try {
      part = JSON.readTree(Files.readAllBytes(file)).path(PART);
    } catch (IOException e) {
      problems.add("cannot be read as JSON: " + e.getMessage());
    }
    if (problems.isEmpty() && !part.isObject()) {
      problems.add("has no object " + PART + ", expected a file that bench kernels --json wrote");
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Kernels " + file, problems);
    }
    CostCurve encoder = curve(part, "encoderMillis", problems);
    CostCurve step = curve(part, "stepMillis", problems);
    CostCurve detokenizer =
        part.has("detokenizerMillis") ? curve(part, "detokenizerMillis", problems) : null;
    double prefill = positive(part, "prefillMillis", problems);
    int threads = (int) positive(part, "intraOpThreads", problems);
    int positions = (int) positive(part, "positions", problems);
    int loaded = (int) positive(part, "loadedMebibytes", problems);
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Kernels " + file, problems);
    }
    HostCosts costs = new HostCosts(encoder, prefill, step, detokenizer);
    return new MeasuredKernels(part.path("bundle").asText(), threads, positions, loaded, costs);
  }

  private static CostCurve curve(JsonNode part, String name, List<String> problems) {
    Map<Integer, Double> points = new TreeMap<>();
    for (Map.Entry<String, JsonNode> point : part.path(name).properties()) {
      try {
        int size = Integer.parseInt(point.getKey());
        if (size > 0 && point.getValue().asDouble() > 0) {
          points.put(size, point.getValue().asDouble());
          continue;
        }
      } catch (NumberFormatException e) {
        // told below
      }
      problems.add(
          name + " has " + point + ", expected a number of conversations and milliseconds");
    }
    if (points.isEmpty()) {
      problems.add(name + " has no point, expected milliseconds by conversations in a call");
      points.put(1, 1.0);
    }
    return new CostCurve(points);
  }

  private static double positive(JsonNode part, String name, List<String> problems) {
    double value = part.path(name).asDouble(0);
    if (!(value > 0)) {
      problems.add(name + " is " + part.path(name) + ", expected a number above 0");
    }
    return value;
  }
}
