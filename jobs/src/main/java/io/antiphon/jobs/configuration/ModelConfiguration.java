package io.antiphon.jobs.configuration;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The model host of each TaskManager process. Ranges are the host's own and checked with its
 * settings.
 *
 * @param bundle directory of the bundle, on every TaskManager
 * @param device "cpu" or "cuda:N"
 * @param rows conversations with a place in the cache at the same time
 * @param positionsPerRow positions of the shared LLM that a row holds
 */
public record ModelConfiguration(
    Path bundle,
    String device,
    int rows,
    int positionsPerRow,
    int intraOpThreads,
    boolean spinning,
    Duration encoderWait,
    int detokenizerBatch,
    Duration maximumLead)
    implements Section {

  @Override
  public void check(Problems problems) {
    problems.require(
        device.matches("cpu|cuda:\\d{1,3}"),
        "device",
        device,
        "cpu or cuda:N with the number of the GPU");
    problems.require(rows >= 1 && rows <= 4096, "rows", rows, "1 to 4096");
    problems.require(positionsPerRow >= 16, "positionsPerRow", positionsPerRow, "at least 16");
    problems.require(
        intraOpThreads >= 1 && intraOpThreads <= 256, "intraOpThreads", intraOpThreads, "1 to 256");
    problems.require(detokenizerBatch >= 1, "detokenizerBatch", detokenizerBatch, "at least 1");
    problems.require(
        maximumLead.compareTo(Duration.ofMillis(200)) >= 0,
        "maximumLead",
        maximumLead.toMillis() + "ms",
        "at least 200ms (one group)");
    problems.require(
        encoderWait.compareTo(Duration.ofSeconds(1)) <= 0,
        "encoderWait",
        encoderWait.toMillis() + "ms",
        "at most 1s");
  }
}
