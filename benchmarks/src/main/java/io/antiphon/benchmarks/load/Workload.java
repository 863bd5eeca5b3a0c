package io.antiphon.benchmarks.load;

import java.util.random.RandomGenerator;

/**
 * How callers behave.
 *
 * @param chunkMillis audio in one record
 * @param leastQuestion seconds of the shortest question; lengths are spread evenly on a logarithmic
 *     scale
 * @param greatestQuestion seconds of the longest question
 * @param leastThinking seconds from the end of an answer to the next question
 * @param greatestThinking the same, at most
 * @param interruptions share of the answers that a caller speaks over
 */
public record Workload(
    int chunkMillis,
    double leastQuestion,
    double greatestQuestion,
    double leastThinking,
    double greatestThinking,
    double interruptions) {

  public double question(RandomGenerator random) {
    return leastQuestion * Math.pow(greatestQuestion / leastQuestion, random.nextDouble());
  }

  public double thinking(RandomGenerator random) {
    return leastThinking + (greatestThinking - leastThinking) * random.nextDouble();
  }
}
