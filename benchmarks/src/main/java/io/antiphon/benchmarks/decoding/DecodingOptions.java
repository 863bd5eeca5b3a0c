package io.antiphon.benchmarks.decoding;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of the benchmarks that let a host decode answers without a dataflow. */
public final class DecodingOptions {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often both sides take turns; ${DEFAULT-VALUE} if not given.")
  int rounds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "40",
      description = "Most steps of an answer; ${DEFAULT-VALUE} if not given.")
  int steps;

  /** Settings with which nothing but the decoding counts, for so many conversations at most. */
  public static Map<String, String> settings(List<Integer> batches) {
    return Map.of(
        "model.rows", Integer.toString(Collections.max(batches)),
        "model.positionsPerRow", "512",
        "model.maximumLead", "1h",
        "model.admission.calibration", "0ms");
  }
}
