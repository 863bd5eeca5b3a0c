package io.antiphon.runtime.admission;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.OperatingSystemMXBean;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ThreadPlan;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How busy a host and its machine have been in the last seconds: the share of their time that the
 * host's threads compute, the process's share of the cores that other processes leave it, and
 * speech that came too late. Host threads report, anybody reads. Thread safe.
 */
public final class LoadWatch {
  /** The parts of a host that have threads of their own. */
  public enum Part {
    ENCODER,
    RESPONSE,
    DETOKENIZER
  }

  /** How long anything is remembered, about. */
  static final long CONSTANT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * A caller hears a longer wait, of a window for the encoder or of an answer for its beginning.
   */
  private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Share of the cores that is left at least, so that nothing is divided by zero. */
  private static final double LEAST_FREE = 0.01;

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
  private final DecayingSum otherNanos = new DecayingSum(CONSTANT_NANOS);
  private final int cores;
  private final int machineCores;
  private final LongSupplier process;
  private final LongSupplier machine;
  private final LongSupplier clock;

  @GuardedBy("this")
  private long sampledAt;

  @GuardedBy("this")
  private long processTime;

  @GuardedBy("this")
  private long machineTime;

  /**
   * @param threads of the host, all numbers known
   * @param cores that the process may use
   */
  public LoadWatch(ThreadPlan threads, int cores, HostMetrics metrics) {
    this(threads, cores, metrics, new MachineTime());
  }

  private LoadWatch(ThreadPlan threads, int cores, HostMetrics metrics, MachineTime machine) {
    this(
        threads,
        cores,
        metrics,
        System::nanoTime,
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())::getProcessCpuTime,
        machine,
        machine.cores());
  }

  /**
   * @param clock in nanoseconds
   * @param process processor time of this process in nanoseconds
   * @param machine processor time of all processes, this one among them
   * @param machineCores cores of the machine, of which the process may not be allowed all
   */
  LoadWatch(
      ThreadPlan threads,
      int cores,
      HostMetrics metrics,
      LongSupplier clock,
      LongSupplier process,
      LongSupplier machine,
      int machineCores) {
    this.cores = cores;
    this.machineCores = machineCores;
    this.clock = clock;
    this.process = process;
    this.machine = machine;
    this.sampledAt = clock.getAsLong();
    this.processTime = process.getAsLong();
    this.machineTime = machine.getAsLong();
    meters.put(Part.ENCODER, new Meter(threads.encoder()));
    meters.put(Part.RESPONSE, new Meter(1));
    meters.put(Part.DETOKENIZER, new Meter(threads.detokenizer()));
    for (Part part : Part.values()) {
      String name = part.name().toLowerCase(Locale.ROOT);
      metrics.gauge(name + ".busyShare", () -> busyShare(part));
      metrics.gauge(name + ".realTimeFactor", () -> realTimeFactor(part));
    }
    metrics.gauge("process.coreShare", this::coreShare);
    metrics.gauge("process.freeShare", this::freeShare);
  }

  /**
   * A call is over.
   *
   * @param busyNanos how long it took
   * @param audioNanos playing time of what it took or made
   */
  public void record(Part part, long busyNanos, double audioNanos) {
    long now = clock.getAsLong();
    Meter meter = meter(part);
    meter.busyNanos.add(busyNanos, now);
    meter.audioNanos.add(audioNanos, now);
    sample(now);
  }

  /** A group of speech was there so long before it was needed; negative is too late. */
  public void slack(double millis) {
    if (millis < 0) {
      lateGroups.add(1, clock.getAsLong());
    }
  }

  /** A window waited so long for the encoder, or an answer for its first group. */
  public void waited(long nanos) {
    if (nanos > LONG_WAIT_NANOS) {
      lateGroups.add(1, clock.getAsLong());
    }
  }

  private Meter meter(Part part) {
    return Objects.requireNonNull(meters.get(part), part.name());
  }

  /** Share of its threads' time that a part computed, 0 to 1. */
  public double busyShare(Part part) {
    Meter meter = meter(part);
    return meter.busyNanos.get(clock.getAsLong()) / CONSTANT_NANOS / meter.threads;
  }

  /** Computing time for each second of audio, 0 without audio. */
  public double realTimeFactor(Part part) {
    long now = clock.getAsLong();
    Meter meter = meter(part);
    double audio = meter.audioNanos.get(now);
    return audio < 1 ? 0 : meter.busyNanos.get(now) / audio;
  }

  /** The process's share of all cores, 0 to 1. */
  public double coreShare() {
    long now = clock.getAsLong();
    sample(now);
    return processNanos.get(now) / CONSTANT_NANOS / cores;
  }

  /** The share of the cores that other processes leave to this one, 0 to 1. */
  public double freeShare() {
    long now = clock.getAsLong();
    sample(now);
    double others = otherNanos.get(now) / CONSTANT_NANOS;
    return Math.max(LEAST_FREE, Math.min(1, (machineCores - others) / cores));
  }

  /** The busiest of the threads and of the cores that are left to this process, 0 to 1. */
  public double load() {
    double load = coreShare() / freeShare();
    for (Part part : Part.values()) {
      load = Math.max(load, busyShare(part));
    }
    return load;
  }

  /** Whether speech came too late in the last seconds. */
  public boolean late() {
    return lateGroups.get(clock.getAsLong()) >= LATE_GROUPS;
  }

  private synchronized void sample(long now) {
    long passed = now - sampledAt;
    if (passed < SAMPLE_NANOS) {
      return;
    }
    long time = process.getAsLong();
    long all = machine.getAsLong();
    // After a pause only what the sum still remembers of it may count.
    double remembered = Math.min(1, CONSTANT_NANOS / (double) passed);
    processNanos.add((time - processTime) * remembered, now);
    long others = Math.max(0, all - machineTime - (time - processTime));
    otherNanos.add(others * remembered, now);
    sampledAt = now;
    processTime = time;
    machineTime = all;
  }
}
