package io.antiphon.runtime.admission;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.onnx.NativeCalls;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Measures what calls cost, within a time. Each call runs once before it counts, since a first run
 * prepares memory, and then at least once; the shortest counts, since what disturbs a call is not
 * its cost.
 */
public final class Calibration {
  private static final int MOST_REPEATS = 9;

  /** A graph call. */
  @FunctionalInterface
  public interface Call {
    void run() throws OrtException;
  }

  /** A graph call for so many conversations. */
  @FunctionalInterface
  public interface SizedCall {
    void run(int size) throws OrtException;
  }

  private final long nanos;
  private final LongSupplier clock;

  /**
   * @param time for everything together, about
   * @param callerComputes whether the calling thread does all of the work, so that its processor
   *     time is the cost, whatever else the machine does; else the time that passes is
   */
  public Calibration(Duration time, boolean callerComputes) {
    this.nanos = time.toNanos();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    this.clock =
        callerComputes && threads.isCurrentThreadCpuTimeSupported()
            ? threads::getCurrentThreadCpuTime
            : System::nanoTime;
  }

  /**
   * What a call takes in milliseconds.
   *
   * @param share of the whole time that this may take, 0 to 1
   */
  public double millis(double share, Call call) throws OrtException {
    long begin = System.nanoTime();
    run(call);
    long shortest = Long.MAX_VALUE;
    int repeats = 0;
    do {
      long start = clock.getAsLong();
      run(call);
      shortest = Math.min(shortest, clock.getAsLong() - start);
    } while (++repeats < MOST_REPEATS && System.nanoTime() - begin < share * nanos);
    return shortest / 1e6;
  }

  private static void run(Call call) throws OrtException {
    try (NativeCalls.Call gate = NativeCalls.begin()) {
      call.run();
    }
  }

  /**
   * Costs at 1 and {@code most} conversations and, as far as the time reaches, at halves, quarters
   * ... of the most.
   *
   * @param share of the whole time that all of them may take
   */
  public CostCurve curve(double share, int most, SizedCall call) throws OrtException {
    long begin = System.nanoTime();
    Map<Integer, Double> points = new TreeMap<>();
    double each = share / (33 - Integer.numberOfLeadingZeros(most));
    points.put(1, millis(each, () -> call.run(1)));
    for (int size = most; size > 1; size /= 2) {
      if (size < most && System.nanoTime() - begin > share * nanos) {
        break;
      }
      int now = size;
      points.put(now, millis(each, () -> call.run(now)));
    }
    return new CostCurve(points);
  }
}
