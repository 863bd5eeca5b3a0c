package io.antiphon.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Cuts a recording into chunks and gives out each when its last sample has been spoken. */
public final class Pacer {
  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int samplesPerSecond;
  private final int chunkSamples;

  /** Takes a range of samples, the second index exclusive. */
  @FunctionalInterface
  public interface ChunkConsumer {
    void accept(int from, int to);
  }

  /**
   * @param chunkMillis length of all chunks but the last
   */
  public Pacer(int samplesPerSecond, int chunkMillis) {
    this.samplesPerSecond = samplesPerSecond;
    this.chunkSamples = samplesPerSecond * chunkMillis / 1000;
  }

  /** The index behind the chunk that begins at a sample. */
  public int endOfChunk(int from, int samples) {
    return Math.min(samples, from + chunkSamples);
  }

  /** When a sample has been spoken by a caller who began at a time; {@link System#nanoTime()}. */
  public long spokenAt(long begin, int samples) {
    return begin + samples * NANOS_PER_SECOND / samplesPerSecond;
  }

  /** Gives out all chunks of so many samples on the calling thread, which waits in between. */
  public void run(int samples, Pace pace, ChunkConsumer consumer) {
    long begin = System.nanoTime();
    for (int from = 0; from < samples; from = endOfChunk(from, samples)) {
      int to = endOfChunk(from, samples);
      if (pace == Pace.REAL_TIME) {
        waitUntil(spokenAt(begin, to));
      }
      consumer.accept(from, to);
    }
  }

  /** Waits until {@link System#nanoTime()}; returns at once when the thread is interrupted. */
  public static void waitUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
