package io.antiphon.cli;

import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.ModelConfiguration;
import io.antiphon.local.LocalService;
import io.antiphon.runtime.ModelHostSettings;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that start the dataflow in this process. */
final class ServiceOptions {
  private static final String MANIFEST = "antiphon.json";

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Bundle directory; models/nano of this installation if not given.")
  private @Nullable Path model;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with settings that differ from the defaults.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "One setting over those of the file, such as model.rows=8.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--verbose", description = "Log to the terminal.")
  private boolean verbose;

  /**
   * The whole configuration.
   *
   * @param preferred settings of the command, over the defaults and under those of --set
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem
   */
  AgentConfiguration configuration(Map<String, String> preferred) {
    Map<String, String> overrides = new LinkedHashMap<>(preferred);
    if (config == null) {
      overrides.put("model.bundle", installation().resolve("models/nano").toString());
    }
    overrides.putAll(settings);
    if (model != null) {
      overrides.put("model.bundle", model.toString());
    }
    return AgentConfiguration.read(Optional.ofNullable(config), overrides);
  }

  /**
   * The model host's settings, for commands that need a model and no dataflow.
   *
   * @throws InputException when there is no bundle
   */
  ModelHostSettings modelHost() {
    ModelConfiguration configured =
        configuration(Map.of("model.admission.calibration", "0ms")).model();
    requireBundle(configured.bundle());
    return configured.hostSettings();
  }

  private static Path installation() {
    return Path.of(System.getProperty("antiphon.home", "."));
  }

  /**
   * Starts broker, cluster and dataflow, telling the progress.
   *
   * @param port of the broker, 0 for a free one
   * @param preferred as for {@link #configuration}
   */
  LocalService start(int port, Map<String, String> preferred, PrintWriter progress) {
    AgentConfiguration configuration = configuration(preferred);
    requireBundle(configuration.model().bundle());
    progress.println(
        "Starting Kafka and Flink in this process, model "
            + configuration.model().bundle()
            + " ...");
    progress.flush();
    return LocalService.start(
        configuration,
        port,
        new AgentDataflow(),
        (part, took) -> {
          progress.println(
              String.format(Locale.ROOT, "  %-14s ready in %.1f s", part, took.toNanos() / 1e9));
          progress.flush();
        });
  }

  private static void requireBundle(Path bundle) {
    if (!Files.isDirectory(bundle)) {
      throw new InputException(
          "model " + bundle + " does not exist; expected the directory of a bundle (--model DIR)");
    }
    if (!Files.isRegularFile(bundle.resolve(MANIFEST))) {
      throw new InputException(
          "model "
              + bundle
              + " holds no "
              + MANIFEST
              + "; expected a bundle as python -m antiphon.export writes it");
    }
  }
}
