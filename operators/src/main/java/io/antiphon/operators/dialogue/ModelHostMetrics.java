package io.antiphon.operators.dialogue;

import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostMetrics;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Shows what the model host counts in Flink's registry. */
final class ModelHostMetrics {
  private ModelHostMetrics() {}

  static void register(HostMetrics metrics, MetricGroup group) {
    metrics.counters().forEach((name, counter) -> group.gauge(name, (Gauge<Long>) counter::sum));
    metrics
        .gauges()
        .forEach((name, value) -> group.gauge(name, (Gauge<Double>) value::getAsDouble));
    metrics.histograms().forEach((name, histogram) -> register(name, histogram, group));
  }

  private static void register(String name, Histogram histogram, MetricGroup group) {
    MetricGroup of = group.addGroup(name);
    of.gauge("count", (Gauge<Long>) () -> histogram.snapshot().count());
    of.gauge("p50", (Gauge<Double>) () -> histogram.snapshot().p50());
    of.gauge("p99", (Gauge<Double>) () -> histogram.snapshot().p99());
    of.gauge("maximum", (Gauge<Double>) () -> histogram.snapshot().maximum());
  }
}
