package io.antiphon.runtime;

import io.antiphon.configuration.ConfigurationException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How many threads of each kind a host has. Each runs its graphs by itself, so that results do not
 * depend on the numbers; the response engine always has one, which owns the slab.
 *
 * @param encoder threads that encode and group; {@value #AUTOMATIC}: by the number of cores
 * @param detokenizer threads that make samples; {@value #AUTOMATIC}: by the number of cores
 */
public record ThreadPlan(int encoder, int detokenizer) implements Serializable {
  /** A number that {@link #on} finds. */
  public static final int AUTOMATIC = 0;

  private static final int MOST = 64;

  /** Cores for each thread of a kind: the rest is for the response engine and the dataflow. */
  private static final int CORES_FOR_EACH = 4;

  public ThreadPlan {
    List<String> problems = new ArrayList<>();
    between(problems, "encoderThreads", encoder);
    between(problems, "detokenizerThreads", detokenizer);
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Model host settings", problems);
    }
  }

  /** Everything by the number of cores. */
  public static ThreadPlan automatic() {
    return new ThreadPlan(AUTOMATIC, AUTOMATIC);
  }

  /** The plan for a machine, all numbers known: one thread of each kind for four cores. */
  public ThreadPlan on(int cores) {
    int each = Math.max(1, Math.min(MOST, cores / CORES_FOR_EACH));
    return new ThreadPlan(
        encoder == AUTOMATIC ? each : encoder, detokenizer == AUTOMATIC ? each : detokenizer);
  }

  private static void between(List<String> problems, String name, int value) {
    if (value < AUTOMATIC || value > MOST) {
      problems.add(name + " is " + value + ", expected 0 (by the number of cores) to " + MOST);
    }
  }
}
