package io.antiphon.runtime.admission;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Processor time that all processes of a machine have taken from each other. On Linux that of
 * processes which gave way (a positive nice value) does not count, and what a hypervisor gave to
 * other machines does; elsewhere all of it counts. Thread safe.
 */
final class MachineTime implements LongSupplier {
  private static final Path STATISTICS = Path.of("/proc/stat");

  /** The kernel counts for programs in hundredths of a second, whatever it counts itself. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final int cores;

  @GuardedBy("this")
  private long estimatedAt = System.nanoTime();

  @GuardedBy("this")
  private long estimated;

  MachineTime() {
    int counted = 0;
    for (String line : statistics().split("\n")) {
      counted += line.matches("cpu\\d+ .*") ? 1 : 0;
    }
    this.cores = counted > 0 ? counted : system.getAvailableProcessors();
  }

  /** Cores of the machine, which may have more than this process may use. */
  int cores() {
    return cores;
  }

  /** Nanoseconds of all cores together since some moment. */
  @Override
  public synchronized long getAsLong() {
    String statistics = statistics();
    return statistics.isEmpty() ? estimate() : ofStatistics(statistics);
  }

  /**
   * @param statistics as in proc(5): user, nice, system, idle, waiting for disks, two kinds of
   *     interrupts, stolen
   */
  static long ofStatistics(String statistics) {
    String[] fields = statistics.substring(0, statistics.indexOf('\n')).trim().split(" +");
    long ticks = 0;
    for (int field : new int[] {1, 3, 6, 7, 8}) {
      ticks += field < fields.length ? Long.parseLong(fields[field]) : 0;
    }
    return ticks * TICK_NANOS;
  }

  private static String statistics() {
    try {
      String all = new String(Files.readAllBytes(STATISTICS), StandardCharsets.US_ASCII);
      return all.startsWith("cpu ") ? all : "";
    } catch (IOException e) {
      return ""; // not Linux, or hidden
    }
  }

  /** From the share of the time since the last look. */
  @GuardedBy("this")
  private long estimate() {
    long now = System.nanoTime();
    double share = system.getCpuLoad();
    estimated += share > 0 ? (long) (share * cores * (now - estimatedAt)) : 0;
    estimatedAt = now;
    return estimated;
  }
}
