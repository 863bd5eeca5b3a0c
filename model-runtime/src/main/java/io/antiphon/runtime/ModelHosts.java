package io.antiphon.runtime;

/** The process's model hosts: one for each settings, shared and reference counted. */
public final class ModelHosts {
  private ModelHosts() {}

  /**
   * Loads the bundle, or joins the host that already runs with the same settings.
   *
   * @return a reference; close it when done
   * @throws ConfigurationException when bundle or device cannot be used
   */
  public static ModelHost acquire(ModelHostSettings settings) {
    throw new UnsupportedOperationException();
  }
}
