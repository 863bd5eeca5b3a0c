package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.runtime.AdmissionSettings;
import java.time.Duration;

/**
 * How many conversations a TaskManager process takes. Ranges are the host's own.
 *
 * @param capacity conversations at once; 0: measured
 * @param utilization share of threads and cores that conversations may take
 * @param calibration time of the measurement at the start
 * @param idleAfter silence after which a conversation gives its place back
 * @param retryAfter what a refused caller is told to wait
 */
public record AdmissionConfiguration(
    int capacity, double utilization, Duration calibration, Duration idleAfter, Duration retryAfter)
    implements Section {

  /**
   * The host's settings.
   *
   * @throws ConfigurationException with all problems of this section
   */
  AdmissionSettings settings() {
    return new AdmissionSettings(capacity, utilization, calibration, idleAfter, retryAfter);
  }

  @Override
  public void check(Problems problems) {
    try {
      settings();
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
  }
}
