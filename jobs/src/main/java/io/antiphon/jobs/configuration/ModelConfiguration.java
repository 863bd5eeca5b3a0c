package io.antiphon.jobs.configuration;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.ThreadPlan;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The model host of each TaskManager process. Ranges are the host's own.
 *
 * @param bundle directory of the bundle, on every TaskManager
 * @param device "cpu" or "cuda:N"
 * @param rows conversations with a place in the cache at the same time
 * @param positionsPerRow positions of the shared LLM that a row holds
 * @param encoderThreads 0: by the number of cores
 * @param detokenizerThreads 0: by the number of cores
 * @param preload variants of the graphs that are loaded at the start
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
    Duration maximumLead,
    int encoderThreads,
    int detokenizerThreads,
    ModelHostSettings.Preload preload,
    AdmissionConfiguration admission)
    implements Section {

  /**
   * What the model host is started with.
   *
   * @throws ConfigurationException with all problems of this section
   */
  public ModelHostSettings hostSettings() {
    return hostSettings(
        Device.parse(device),
        new ThreadPlan(encoderThreads, detokenizerThreads),
        admission.settings());
  }

  @Override
  public void check(Problems problems) {
    try {
      Device.parse(device);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
    try {
      new ThreadPlan(encoderThreads, detokenizerThreads);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
    try {
      // Anything will do for the parts that check themselves: a wrong one hides no other problem.
      hostSettings(Device.CPU, ThreadPlan.automatic(), AdmissionSettings.UNLIMITED);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
  }

  private ModelHostSettings hostSettings(
      Device place, ThreadPlan threads, AdmissionSettings admitted) {
    return new ModelHostSettings(
        bundle,
        place,
        rows,
        positionsPerRow,
        intraOpThreads,
        spinning,
        encoderWait,
        detokenizerBatch,
        maximumLead,
        threads,
        preload,
        admitted,
        ModelHostSettings.Parts.ALL);
  }
}
