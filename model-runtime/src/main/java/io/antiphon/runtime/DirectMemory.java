package io.antiphon.runtime;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** The process's memory for direct buffers, in which the key-value slab lies. */
final class DirectMemory {
  private DirectMemory() {}

  /** Bytes in use by direct buffers of the whole process. */
  static long used() {
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
  static void requireRoom(int rows, long rowBytes) {
    long free = maximum() - used();
    if (rows * rowBytes > free) {
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "rows is "
                  + rows
                  + " of "
                  + mebibytes(rowBytes)
                  + " MiB each, together "
                  + mebibytes(rows * rowBytes)
                  + " MiB, expected at most the "
                  + mebibytes(free)
                  + " MiB of direct memory that this process has left: fewer rows or positionsPerRow,"
                  + " or a larger -XX:MaxDirectMemorySize (in a Flink cluster"
                  + " taskmanager.memory.task.off-heap.size)"));
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
