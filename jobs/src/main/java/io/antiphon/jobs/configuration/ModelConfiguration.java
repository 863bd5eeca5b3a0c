package io.antiphon.jobs.configuration;

import io.antiphon.runtime.ConfigurationException;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.ModelHostSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The model host of each TaskManager process. Ranges are the host's own.
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

  /**
   * What the model host is started with.
   *
   * @throws ConfigurationException with all problems of this section
   */
  public ModelHostSettings hostSettings() {
    return hostSettings(Device.parse(device));
  }

  @Override
  public void check(Problems problems) {
    try {
      Device.parse(device);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
    try {
      // Any device will do, so that a wrong one does not hide other problems.
      hostSettings(Device.CPU);
    } catch (ConfigurationException e) {
      problems.addAll(e);
    }
  }

  private ModelHostSettings hostSettings(Device place) {
    return new ModelHostSettings(
        bundle,
        place,
        rows,
        positionsPerRow,
        intraOpThreads,
        spinning,
        encoderWait,
        detokenizerBatch,
        maximumLead);
  }
}
