package io.antiphon.runtime.planning;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A device by its figures. What a model's calls cost on it is worked out and not measured: weights
 * and caches by the memory's speed, products by a share of the peak.
 *
 * @param name for the report
 * @param memoryGigabytes of 10^9 bytes
 * @param bytesPerSecond of its memory, as measured for copies
 * @param flops bf16 peak without sparsity
 */
public record Accelerator(
    String name, double memoryGigabytes, double bytesPerSecond, double flops) {
  /** Share of the peak that prefill and encoder reach: large products. */
  static final double PRODUCTS = 0.4;

  /**
   * Share of the peak that the detokenizer reaches: 0.034 s of an L20 (119.5 TFLOP/s) for a second
   * of audio, as CosyVoice's authors publish it, are a tenth of it.
   */
  static final double DETOKENIZER = 0.1;

  /** Operations of the flow over windows with as much prompt as new frames, and of the vocoder. */
  static final double DETOKENIZER_OPERATIONS = 0.83e12;

  /** A step's launches, as a captured graph. */
  private static final double LAUNCH_MILLIS = 2;

  private static final int BYTES = 2;

  private static final Map<String, Accelerator> KNOWN =
      Map.of(
          "h100", new Accelerator("H100 80 GB", 80, 3.0e12, 790e12),
          "h200", new Accelerator("H200 141 GB", 141, 4.3e12, 790e12),
          "l20", new Accelerator("L20 48 GB", 48, 0.75e12, 119.5e12));

  /**
   * @throws ConfigurationException for another name than h100, h200 and l20
   */
  public static Accelerator named(String name) {
    Accelerator known = KNOWN.get(name.toLowerCase(Locale.ROOT));
    if (known == null) {
      throw new ConfigurationException(
          "Plan", List.of("accelerator is '" + name + "', expected h100, h200 or l20"));
    }
    return known;
  }

  /** Bytes of weights that a speaking step reads. */
  static double stepBytes(Architecture model) {
    return BYTES * (model.llmActive() + (double) model.groupSize() * model.headWeights());
  }

  /** Conversations whose caches fit beside the weights, with so many positions each. */
  int fitting(Architecture model, int positions) {
    // A twelfth is the driver's, the graphs' and fragmentation's; the detokenizer takes 3 GB.
    double free = 0.92 * memoryGigabytes * 1e9 - BYTES * (double) model.weights() - 3e9;
    return (int) Math.max(0, free / (BYTES * (double) model.cacheValues(positions)));
  }

  /**
   * Milliseconds of calls.
   *
   * @param positions that a row is filled with
   * @param windowPositions groups of one encoder window
   * @param windowSeconds of audio
   * @param most conversations
   */
  HostCosts costs(
      Architecture model,
      int positions,
      double windowPositions,
      double windowSeconds,
      double groupsPerSecond,
      int most) {
    Map<Integer, Double> step = new TreeMap<>();
    double read =
        BYTES
            * (positions * (double) model.llmCacheValues()
                + model.groupSize()
                    * (double) model.headEntries(positions)
                    * model.headCacheValues());
    double weights = stepBytes(model);
    double operations = weights; // two operations for each number of two bytes
    for (int size = 1; size <= Math.max(1, most); size *= 2) {
      double bytes = (weights + size * read) / bytesPerSecond;
      step.put(
          size, LAUNCH_MILLIS + 1000 * Math.max(bytes, size * operations / (flops * PRODUCTS)));
    }
    double prefill =
        Math.max(weights / bytesPerSecond, windowPositions * operations / (flops * PRODUCTS));
    double frames = windowSeconds * 50;
    double encoder = 2.0 * model.encoderWeights() * frames / (flops * PRODUCTS);
    double group = DETOKENIZER_OPERATIONS / groupsPerSecond / (flops * DETOKENIZER);
    return new HostCosts(
        new CostCurve(Map.of(1, 1000 * encoder)),
        1000 * prefill,
        new CostCurve(step),
        new CostCurve(Map.of(1, 1000 * group)));
  }
}
