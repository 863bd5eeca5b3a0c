package io.antiphon.runtime;

import io.antiphon.configuration.ConfigurationException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How many conversations a host takes.
 *
 * @param capacity conversations at once; {@value #MEASURED}: as many as the calibration and the
 *     rows allow, fewer when the load of those that run shows it
 * @param utilization share of a host thread's time and of the processor cores that the model's work
 *     may take by the calibration, 0 to 1; what is left is for the dataflow around the host, which
 *     takes about as much for a small model, and for bursts
 * @param calibration time that the calibration takes at the start, about; zero makes none, and the
 *     rows alone decide
 * @param idleAfter a conversation from which nothing came for so long rests: it gives its place
 *     back, and takes it again when it goes on
 * @param retryAfter what a refused conversation is told to wait
 */
public record AdmissionSettings(
    int capacity, double utilization, Duration calibration, Duration idleAfter, Duration retryAfter)
    implements Serializable {
  /** A capacity that the host finds out. */
  public static final int MEASURED = 0;

  /** Everybody is accepted, nothing is measured. */
  public static final AdmissionSettings UNLIMITED =
      new AdmissionSettings(
          1_000_000, 1, Duration.ZERO, Duration.ofMinutes(1), Duration.ofSeconds(5));

  public AdmissionSettings {
    List<String> problems = new ArrayList<>();
    if (capacity < MEASURED || capacity > 1_000_000) {
      problems.add("capacity is " + capacity + ", expected 0 (measured) to 1000000");
    }
    if (!(utilization > 0 && utilization <= 1)) {
      problems.add("utilization is " + utilization + ", expected above 0 to 1");
    }
    between(problems, "calibration", calibration, Duration.ZERO, Duration.ofMinutes(1));
    between(problems, "idleAfter", idleAfter, Duration.ofSeconds(1), Duration.ofHours(1));
    between(problems, "retryAfter", retryAfter, Duration.ofMillis(100), Duration.ofHours(1));
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Admission settings", problems);
    }
  }

  private static void between(
      List<String> problems, String name, Duration value, Duration low, Duration high) {
    if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
      problems.add(name + " is " + value + ", expected " + low + " to " + high);
    }
  }
}
