package io.antiphon.operators.settings;

import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.ThreadPlan;
import io.antiphon.runtime.host.ModelHosts;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;

/** How an operator gets at its process's model host. Travels with the job to the TaskManagers. */
@FunctionalInterface
public interface ModelHostProvider extends Serializable {
  /** A reference to the host, which the operator closes. */
  ModelHost acquire();

  /** The host that {@link ModelHosts} keeps for these settings. */
  static ModelHostProvider of(ModelHostSettings settings) {
    // The settings themselves are not serialisable: taken apart here, put together there.
    String bundle = settings.bundle().toString();
    String device = settings.device().toString();
    int rows = settings.rows();
    int positionsPerRow = settings.positionsPerRow();
    int intraOpThreads = settings.intraOpThreads();
    boolean spinning = settings.spinning();
    Duration encoderWait = settings.encoderWait();
    int detokenizerBatch = settings.detokenizerBatch();
    Duration maximumLead = settings.maximumLead();
    ThreadPlan threads = settings.threads();
    ModelHostSettings.Preload preload = settings.preload();
    AdmissionSettings admission = settings.admission();
    ModelHostSettings.Parts parts = settings.parts();
    return () ->
        ModelHosts.acquire(
            new ModelHostSettings(
                Path.of(bundle),
                Device.parse(device),
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
                parts));
  }
}
