package io.antiphon.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The gateway's meters. Names begin with {@code antiphon.gateway.}; tags are the protocol, the
 * tenant and the outcome, never a conversation or a key. Thread safe.
 */
public final class GatewayMetrics {
  private static final String PREFIX = "antiphon.gateway.";
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;

  public GatewayMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A counter by name and tags (key, value, key, value ...). */
  public Counter counter(String name, String... tags) {
    return registry.counter(PREFIX + name, tags);
  }

  /** A timer with a histogram. */
  public Timer timer(String name, String... tags) {
    return Timer.builder(PREFIX + name)
        .tags(tags)
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  /** A gauge that is read when somebody asks. */
  public void gauge(String name, Supplier<Number> value, String... tags) {
    Gauge.builder(PREFIX + name, value).tags(tags).register(registry);
  }
}
