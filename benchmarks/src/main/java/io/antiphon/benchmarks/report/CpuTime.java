package io.antiphon.benchmarks.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** CpuTime time and memory of this process. */
public final class CpuTime {
  /** The work of the detokenizer's threads. */
  public static final String DETOKENIZER = "model: detokenizer";

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

  private CpuTime() {}

  /** CpuTime time of all threads so far, native ones included, in seconds. */
  public static double seconds() {
    return SYSTEM.getProcessCpuTime() / 1e9;
  }

  /** Resident memory in MiB, -1 where the system does not tell. */
  public static double residentMebibytes() {
    return statusMebibytes("VmRSS");
  }

  /**
   * An entry of the system's status of this process in MiB, -1 where the system does not tell.
   *
   * @param entry such as {@code RssAnon}: memory that is no file's, or {@code VmHWM}: the most that
   *     was ever resident
   */
  public static double statusMebibytes(String entry) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith(entry + ":"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }

  public static double heapMebibytes() {
    return MEMORY.getHeapMemoryUsage().getUsed() / (double) (1 << 20);
  }

  /** CpuTime seconds so far of the live Java threads, by what they do. */
  public static Map<String, Double> secondsByWork() {
    Map<String, Double> seconds = new TreeMap<>();
    long[] ids = THREADS.getAllThreadIds();
    ThreadInfo[] infos = THREADS.getThreadInfo(ids);
    for (int i = 0; i < ids.length; i++) {
      long nanos = infos[i] == null ? -1 : THREADS.getThreadCpuTime(ids[i]);
      if (nanos > 0) {
        seconds.merge(work(infos[i].getThreadName()), nanos / 1e9, Double::sum);
      }
    }
    return seconds;
  }

  /** What came on top of {@code before}; the rest of {@code processSeconds} is the JVM's own. */
  public static Map<String, Double> difference(
      Map<String, Double> before, Map<String, Double> after, double processSeconds) {
    Map<String, Double> difference = new HashMap<>();
    after.forEach(
        (work, seconds) -> difference.put(work, seconds - before.getOrDefault(work, 0.0)));
    double threads = difference.values().stream().mapToDouble(Double::doubleValue).sum();
    difference.put("JVM (compiler, collector)", Math.max(0, processSeconds - threads));
    return difference;
  }

  /** The work of a thread, by its name. */
  public static String work(String thread) {
    if (thread.startsWith("antiphon-response")) {
      return "model: shared LLM and refined head";
    }
    if (thread.startsWith("antiphon-prefill")) {
      return "model: prefill beside the step";
    }
    if (thread.startsWith("antiphon-encoder")) {
      return "model: encoder";
    }
    if (thread.startsWith("antiphon-detokenizer")) {
      return DETOKENIZER;
    }
    if (thread.startsWith("antiphon-callers") || thread.startsWith("antiphon-client")) {
      return "callers";
    }
    if (thread.contains("(1/")
        || thread.contains("(2/")
        || thread.startsWith("Source Data Fetcher")) {
      return "Flink: tasks";
    }
    if (thread.startsWith("kafka-producer-network-thread")) {
      return "Kafka: producers (job and callers)";
    }
    if (thread.startsWith("data-plane-kafka")
        || thread.startsWith("kafka")
        || thread.startsWith("broker-")
        || thread.contains("raft")
        || thread.startsWith("controller-")
        || thread.startsWith("quorum-")
        || thread.contains("Reaper")
        || thread.contains("ExpirationReaper")) {
      return "Kafka: broker";
    }
    if (thread.startsWith("flink-") || thread.contains("pekko") || thread.contains("jobmanager")) {
      return "Flink: the rest";
    }
    return "other threads";
  }
}
