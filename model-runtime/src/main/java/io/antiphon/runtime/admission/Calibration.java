package io.antiphon.runtime.admission;

import ai.onnxruntime.OrtException;
import java.time.Duration;
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
   * What a call takes in milliseconds: the shortest of several, since whatever disturbs a call is
   * not its cost.
   *
   * @param share of the whole time that this may take, 0 to 1
   */
  public double millis(double share, Call call) throws OrtException {
    long begin = System.nanoTime();
    call.run();
    double shortest = Double.MAX_VALUE;
    int repeats = 0;
    do {
      long start = System.nanoTime();
      call.run();
      shortest = Math.min(shortest, (System.nanoTime() - start) / 1e6);
    } while (++repeats < MOST_REPEATS && System.nanoTime() - begin < share * nanos);
    return shortest;
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
