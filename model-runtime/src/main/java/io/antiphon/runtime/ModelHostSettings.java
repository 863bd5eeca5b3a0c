package io.antiphon.runtime;

import io.antiphon.configuration.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a {@link ModelHost} runs a bundle. Equal settings share one host within a process.
 *
 * @param bundle the bundle's directory
 * @param device where the graphs run
 * @param rows conversations that can hold a place in the key-value slab at once (decoding or
 *     listening); more sessions than rows are possible, idle ones lose their row and come back by
 *     replay
 * @param positionsPerRow shared-LLM positions that one conversation can have, prompt and answer
 *     together; memory is rows x positions, see {@link ModelHost#slabBytes()}
 * @param intraOpThreads threads within one graph call; results are bit-exact across batches only
 *     with 1
 * @param spinning whether those threads spin while they wait (burns a core, helps only an otherwise
 *     idle machine)
 * @param encoderWait longest time that a window waits for others of its length to share an encoder
 *     call with
 * @param detokenizerBatch most conversations in one detokenizer call
 * @param maximumLead speech is made at most this far ahead of its playback
 * @param threads how many threads encode and detokenize
 * @param preload which variants of the graphs are loaded at the start
 * @param admission how many conversations are taken
 * @param parts what of the bundle is opened
 */
public record ModelHostSettings(
    Path bundle,
    Device device,
    int rows,
    int positionsPerRow,
    int intraOpThreads,
    boolean spinning,
    Duration encoderWait,
    int detokenizerBatch,
    Duration maximumLead,
    ThreadPlan threads,
    Preload preload,
    AdmissionSettings admission,
    Parts parts) {

  /** What of a bundle a host opens. */
  public enum Parts {
    /** Everything: callers are answered in speech and text. */
    ALL,
    /**
     * Encoder and shared LLM, for those who only want text: neither the refined head, its graphs
     * and its part of the key-value slab, nor the detokenizer.
     */
    TEXT
  }

  /** Variants of the prefill and step graphs, each of which holds its own copy of the weights. */
  public enum Preload {
    /** Every variant: no answer ever waits for a graph to load. */
    ALL,
    /** Those of the bundle's default sampling; others hold everybody up when first asked for. */
    DEFAULTS
  }

  public ModelHostSettings {
    List<String> problems = new ArrayList<>();
    between(problems, "rows", rows, 1, 4096);
    between(problems, "positionsPerRow", positionsPerRow, 16, 1 << 20);
    between(problems, "intraOpThreads", intraOpThreads, 1, 1024);
    between(problems, "detokenizerBatch", detokenizerBatch, 1, 4096);
    if (encoderWait.isNegative() || encoderWait.compareTo(Duration.ofSeconds(1)) > 0) {
      problems.add("encoderWait is " + encoderWait + ", expected 0 to 1 second");
    }
    if (maximumLead.compareTo(Duration.ofMillis(200)) < 0) {
      problems.add("maximumLead is " + maximumLead + ", expected at least 200 ms");
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Model host settings", problems);
    }
    bundle = bundle.toAbsolutePath().normalize();
  }

  /** Threads by the number of cores, graphs when they are needed, all parts, everybody accepted. */
  public ModelHostSettings(
      Path bundle,
      Device device,
      int rows,
      int positionsPerRow,
      int intraOpThreads,
      boolean spinning,
      Duration encoderWait,
      int detokenizerBatch,
      Duration maximumLead) {
    this(
        bundle,
        device,
        rows,
        positionsPerRow,
        intraOpThreads,
        spinning,
        encoderWait,
        detokenizerBatch,
        maximumLead,
        ThreadPlan.automatic(),
        Preload.DEFAULTS,
        AdmissionSettings.UNLIMITED,
        Parts.ALL);
  }

  /** The same for a host of other parts. */
  public ModelHostSettings withParts(Parts other) {
    return new ModelHostSettings(
        bundle,
        device,
        rows,
        positionsPerRow,
        intraOpThreads,
        spinning,
        encoderWait,
        detokenizerBatch,
        maximumLead,
        threads,
        preload,
        admission,
        other);
  }

  /** Whether the host can speak. */
  public boolean speech() {
    return parts == Parts.ALL;
  }

  /** Settings for a small model on the CPU; everybody is accepted. */
  public static ModelHostSettings defaults(Path bundle) {
    return new ModelHostSettings(
        bundle, Device.CPU, 16, 1024, 1, false, Duration.ofMillis(4), 16, Duration.ofMillis(2000));
  }

  private static void between(List<String> problems, String name, int value, int low, int high) {
    if (value < low || value > high) {
      problems.add(name + " is " + value + ", expected " + low + " to " + high);
    }
  }
}
