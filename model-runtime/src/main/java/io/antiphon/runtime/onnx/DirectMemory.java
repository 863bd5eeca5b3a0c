package io.antiphon.runtime.onnx;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import io.antiphon.configuration.ConfigurationException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The process's memory outside its heap: direct buffers, and the caches that an execution provider
 * allocates on the processor. Flink counts both as a task's off-heap memory, so both share what
 * direct buffers may use.
 */
public final class DirectMemory {
  private static final int COLLECTIONS = 10;
  private static final long COLLECTION_NANOS = 20_000_000L;

  private DirectMemory() {}

  /** Bytes in use by direct buffers and caches of the whole process. */
  public static long used() {
    return DeviceMemory.allocatedOnHost() + directBuffers();
  }

  private static long directBuffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Bytes that direct buffers may use, as the process was started. */
  static long maximum() {
    String set =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxDirectMemorySize")
            .getValue();
    long bytes = Long.parseLong(set);
    return bytes > 0 ? bytes : Runtime.getRuntime().maxMemory();
  }

  /**
   * @throws ConfigurationException when so many rows of so many bytes do not fit any more
   */
  public static void requireRoom(int rows, long rowBytes) {
    long needed = rows * rowBytes;
    for (int i = 0; i < COLLECTIONS && needed > maximum() - used() && needed <= maximum(); i++) {
      // Buffers of a host that was closed are free only when they were collected.
      System.gc();
      LockSupport.parkNanos(COLLECTION_NANOS);
    }
    long free = maximum() - used();
    if (needed > free) {
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "rows is "
                  + rows
                  + " of "
                  + mebibytes(rowBytes)
                  + " MiB each, together "
                  + mebibytes(needed)
                  + " MiB, expected at most the "
                  + mebibytes(free)
                  + " MiB of direct memory that this process has left: fewer rows or positionsPerRow,"
                  + " or a larger -XX:MaxDirectMemorySize (in a Flink cluster"
                  + " taskmanager.memory.task.off-heap.size)"));
    }
  }

  /**
   * @param weights of the bundle once they are loaded, in MiB
   * @throws ConfigurationException when they do not fit into the machine's memory beside the rows
   */
  public static void requireMachine(int weights, int rows, long rowBytes) {
    long machine =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    long slab = mebibytes(rows * rowBytes);
    if (weights + slab > machine >> 20) {
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "the bundle's weights take "
                  + weights
                  + " MiB and "
                  + rows
                  + " rows "
                  + slab
                  + " MiB, together "
                  + (weights + slab)
                  + " MiB, expected at most this machine's "
                  + (machine >> 20)
                  + " MiB: fewer rows or positionsPerRow, or a bundle with packed weights"));
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
