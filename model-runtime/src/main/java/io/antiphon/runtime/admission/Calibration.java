package io.antiphon.runtime.admission;

import ai.onnxruntime.OrtException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures what calls cost, within a time. Each call runs once before it counts, since a first run
 * prepares memory, and then at least once.
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

  /**
   * @param time for everything together, about
   */
  public Calibration(Duration time) {
    this.nanos = time.toNanos();
  }

  /**
   * The median duration of a call in milliseconds.
   *
   * @param share of the whole time that this may take, 0 to 1
   */
  public double millis(double share, Call call) throws OrtException {
    long begin = System.nanoTime();
    call.run();
    double[] times = new double[MOST_REPEATS];
    int count = 0;
    do {
      long start = System.nanoTime();
      call.run();
      times[count++] = (System.nanoTime() - start) / 1e6;
    } while (count < MOST_REPEATS && System.nanoTime() - begin < share * nanos);
    Arrays.sort(times, 0, count);
    return times[count / 2];
  }

  /**
   * Costs at 1, 2, 4, 8 ... and {@code most} conversations.
   *
   * @param share of the whole time that all of them may take
   */
  public CostCurve curve(double share, int most, SizedCall call) throws OrtException {
    Map<Integer, Double> points = new TreeMap<>();
    int sizes = 2 + (31 - Integer.numberOfLeadingZeros(most));
    for (int size = 1; size < most; size *= 2) {
      int now = size;
      points.put(now, millis(share / sizes, () -> call.run(now)));
    }
    points.put(most, millis(share / sizes, () -> call.run(most)));
    return new CostCurve(points);
  }
}
