package io.antiphon.runtime;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * What a host counts and measures, by name. Live: the maps are fixed once the host runs, their
 * values change. Durations are in milliseconds.
 */
public final class HostMetrics {
  private final Map<String, LongAdder> counters = new TreeMap<>();
  private final Map<String, DoubleSupplier> gauges = new TreeMap<>();
  private final Map<String, Histogram> histograms = new TreeMap<>();

  public HostMetrics() {}

  /** Ever growing numbers, such as {@code response.steps}. */
  public Map<String, LongAdder> counters() {
    return Collections.unmodifiableMap(counters);
  }

  /** Present values, such as {@code response.rowsUsed}. */
  public Map<String, DoubleSupplier> gauges() {
    return Collections.unmodifiableMap(gauges);
  }

  /**
   * The present value of a gauge.
   *
   * @throws IllegalArgumentException if the host has none of this name
   */
  public double gauge(String name) {
    DoubleSupplier value = gauges.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the gauge is " + name + "; expected one of " + gauges.keySet());
    }
    return value.getAsDouble();
  }

  /** Distributions of recent values, such as {@code response.stepMillis}. */
  public Map<String, Histogram> histograms() {
    return Collections.unmodifiableMap(histograms);
  }

  /** The counter of this name, made on first use; for the host's parts while it starts. */
  public LongAdder counter(String name) {
    return counters.computeIfAbsent(name, key -> new LongAdder());
  }

  /** Registers a gauge; for the host's parts while it starts. */
  public void gauge(String name, DoubleSupplier value) {
    gauges.put(name, value);
  }

  /** The histogram of this name, made on first use; for the host's parts while it starts. */
  public Histogram histogram(String name) {
    return histograms.computeIfAbsent(name, key -> new Histogram());
  }
}
