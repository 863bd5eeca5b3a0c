package io.antiphon.runtime.admission;

import com.sun.management.OperatingSystemMXBean;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ThreadPlan;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How busy a host has been in the last seconds: the share of their time that its threads compute,
 * the process's share of the cores, and speech that came too late. Host threads report, anybody
 * reads. Thread safe.
 */
public final class LoadWatch {
  /** The parts of a host that have threads of their own. */
  public enum Part {
    ENCODER,
    RESPONSE,
    DETOKENIZER
  }

  private static final long CONSTANT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Fewer late groups than this, each counting less as time goes by, are an accident. */
  private static final double LATE_GROUPS = 2;

  private static final class Meter {
    final DecayingSum busyNanos = new DecayingSum(CONSTANT_NANOS);
    final DecayingSum audioNanos = new DecayingSum(CONSTANT_NANOS);
    final int threads;

    Meter(int threads) {
      this.threads = threads;
    }
  }

  private final Map<Part, Meter> meters = new EnumMap<>(Part.class);
  private final DecayingSum lateGroups = new DecayingSum(CONSTANT_NANOS);
  private final DecayingSum processNanos = new DecayingSum(CONSTANT_NANOS);
  private final int cores;
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long sampledAt = System.nanoTime();
  private long processTime = system.getProcessCpuTime();

  /**
   * @param threads of the host, all numbers known
   * @param cores of the machine
   */
  public LoadWatch(ThreadPlan threads, int cores, HostMetrics metrics) {
    this.cores = cores;
    meters.put(Part.ENCODER, new Meter(threads.encoder()));
    meters.put(Part.RESPONSE, new Meter(1));
    meters.put(Part.DETOKENIZER, new Meter(threads.detokenizer()));
    for (Part part : Part.values()) {
      String name = part.name().toLowerCase(Locale.ROOT);
      metrics.gauge(name + ".busyShare", () -> busyShare(part));
      metrics.gauge(name + ".realTimeFactor", () -> realTimeFactor(part));
    }
    metrics.gauge("process.coreShare", this::coreShare);
  }

  /**
   * A call is over.
   *
   * @param busyNanos how long it took
   * @param audioNanos playing time of what it took or made
   */
  public void record(Part part, long busyNanos, double audioNanos) {
    long now = System.nanoTime();
    Meter meter = meters.get(part);
    meter.busyNanos.add(busyNanos, now);
    meter.audioNanos.add(audioNanos, now);
    sample(now);
  }

  /** A group of speech was there so long before it was needed; negative is too late. */
  public void slack(double millis) {
    if (millis < 0) {
      lateGroups.add(1, System.nanoTime());
    }
  }

  /** Share of its threads' time that a part computed, 0 to 1. */
  public double busyShare(Part part) {
    Meter meter = meters.get(part);
    return meter.busyNanos.get(System.nanoTime()) / CONSTANT_NANOS / meter.threads;
  }

  /** Computing time for each second of audio, 0 without audio. */
  public double realTimeFactor(Part part) {
    long now = System.nanoTime();
    Meter meter = meters.get(part);
    double audio = meter.audioNanos.get(now);
    return audio < 1 ? 0 : meter.busyNanos.get(now) / audio;
  }

  /** The process's share of all cores, 0 to 1. */
  public double coreShare() {
    long now = System.nanoTime();
    sample(now);
    return processNanos.get(now) / CONSTANT_NANOS / cores;
  }

  /** The busiest of the threads and the cores, 0 to 1. */
  public double load() {
    double load = coreShare();
    for (Part part : Part.values()) {
      load = Math.max(load, busyShare(part));
    }
    return load;
  }

  /** Whether speech came too late in the last seconds. */
  public boolean late() {
    return lateGroups.get(System.nanoTime()) >= LATE_GROUPS;
  }

  private synchronized void sample(long now) {
    long passed = now - sampledAt;
    if (passed < SAMPLE_NANOS) {
      return;
    }
    long time = system.getProcessCpuTime();
    // After a pause only what the sum still remembers of it may count.
    double remembered = Math.min(1, CONSTANT_NANOS / (double) passed);
    processNanos.add((time - processTime) * remembered, now);
    sampledAt = now;
    processTime = time;
  }
}
