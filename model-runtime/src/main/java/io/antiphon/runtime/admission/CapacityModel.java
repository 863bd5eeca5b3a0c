package io.antiphon.runtime.admission;

import io.antiphon.runtime.ThreadPlan;
import io.antiphon.runtime.manifest.Manifest;

/**
 * How many contexts a host holds in real time, by what its calls cost. Assumes that nobody pauses:
 * at any moment half of the callers speak and the other half are answered. Immutable.
 *
 * <p>Listening takes a window of the encoder and the prefill of its groups for every window's
 * length of audio; speaking takes a step and a call of the detokenizer for every group. Those who
 * are answered step together, as the scheduler has it; windows come one by one.
 */
public final class CapacityModel {
  private final HostCosts costs;
  private final ThreadPlan threads;
  private final int cores;
  private final double windowSeconds;
  private final double groupsPerSecond;
  private final int detokenizerBatch;

  /**
   * @param threads all numbers known
   * @param cores that the host's threads may use; 0 where they do not compute themselves
   */
  public CapacityModel(
      HostCosts costs, Manifest.Audio audio, ThreadPlan threads, int detokenizerBatch, int cores) {
    this.costs = costs;
    this.threads = threads;
    this.cores = cores;
    this.windowSeconds = (double) audio.windowFrames() * audio.hopLength() / audio.sampleRate();
    this.groupsPerSecond = (double) audio.tokenRate() / audio.groupSize();
    this.detokenizerBatch = detokenizerBatch;
  }

  /**
   * Seconds of one thread for each second, by the kind of work.
   *
   * @param steps of those who are answered
   * @param prefill of those who speak
   */
  public record Work(double steps, double prefill, double encoder, double detokenizer) {
    /** All of it, as one core or one device would have to do it. */
    public double total() {
      return steps + prefill + encoder + detokenizer;
    }
  }

  /** What so many contexts cost. */
  public Work work(int contexts) {
    double half = contexts / 2.0;
    double together = Math.max(1, half);
    double steps = groupsPerSecond * costs.step().at(together) * half / together / 1000;
    double prefill = half * costs.prefillMillis() / windowSeconds / 1000;
    double encoder = half * costs.encoder().at(1) / windowSeconds / 1000;
    double batch = Math.min(together, detokenizerBatch);
    double detokenizer =
        costs.detokenizer() == null
            ? 0
            : groupsPerSecond * half * costs.detokenizer().at(batch) / batch / 1000;
    return new Work(steps, prefill, encoder, detokenizer);
  }

  /** The busiest of threads and cores with so many contexts: 1 is all of its time. */
  public double load(int contexts) {
    Work work = work(contexts);
    double threadsBusiest =
        Math.max(
            work.steps() + work.prefill(),
            Math.max(
                work.encoder() / threads.encoder(), work.detokenizer() / threads.detokenizer()));
    return cores == 0 ? threadsBusiest : Math.max(threadsBusiest, work.total() / cores);
  }

  /**
   * The most contexts whose load stays within a share, 1 at least.
   *
   * @param most not more than these
   */
  public int capacity(double utilization, int most) {
    int capacity = 1;
    while (capacity < most && load(capacity + 1) <= utilization) {
      capacity++;
    }
    return capacity;
  }
}
