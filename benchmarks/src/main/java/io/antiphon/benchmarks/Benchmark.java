package io.antiphon.benchmarks;

import io.antiphon.benchmarks.report.FlightRecording;
import io.antiphon.benchmarks.report.MachineInfo;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.jobs.configuration.AgentConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One benchmark as a command: options that all have, profile, report. */
@Command(mixinStandardHelpOptions = true)
public abstract class Benchmark implements Callable<Integer> {
  /** Settings that take every conversation, so that only the machine decides. */
  public static final Map<String, String> UNLIMITED =
      Map.of("model.admission.capacity", "1000000", "model.admission.calibration", "0ms");

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write machine, settings, revision and figures as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--changed",
      description = "Write --json though tracked files have changed; the revision ends with +.")
  private boolean changed;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "Record with the JDK Flight Recorder while measuring.")
  private @Nullable Path profile;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Bundle directory; models/nano of this installation if not given.")
  private @Nullable Path model;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A setting of the dataflow or model host over what the benchmark uses.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @SuppressWarnings("UnusedVariable") // the start script reads it
  @Option(names = "--verbose", description = "Log to the terminal.")
  private boolean verbose;

  @Spec private CommandSpec spec;

  @Override
  public final Integer call() throws Exception {
    String revision = MachineInfo.revision(installation());
    if (json != null && revision.endsWith("+") && !changed) {
      throw new BenchmarkException(
          "tracked files have changed since "
              + revision.substring(0, revision.length() - 1)
              + "; expected a clean checkout, so that the figures can be measured again (--changed"
              + " measures nevertheless)");
    }
    Report report = new Report(spec.name());
    try (FlightRecording recording = FlightRecording.into(profile)) {
      measure(report);
    }
    report.print(spec.commandLine().getOut());
    if (json != null) {
      report.write(json, MachineInfo.here(), revision);
    }
    return 0;
  }

  /**
   * Measures and fills the report.
   *
   * @throws BenchmarkException when it cannot be measured
   */
  public abstract void measure(Report report) throws Exception;

  /** Tells how far the measurement is. */
  public final void progress(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  /**
   * The configuration to measure with.
   *
   * @param preferred settings of the benchmark, over the defaults and under those of --set
   */
  public final AgentConfiguration configuration(Map<String, String> preferred) {
    Map<String, String> all = new LinkedHashMap<>(preferred);
    all.put("model.bundle", installation().resolve("models/nano").toString());
    all.putAll(settings);
    if (model != null) {
      all.put("model.bundle", model.toString());
    }
    Path bundle = Path.of(all.get("model.bundle"));
    if (!Files.isDirectory(bundle)) {
      throw new BenchmarkException(
          "model " + bundle + " does not exist; expected the directory of a bundle (--model DIR)");
    }
    return AgentConfiguration.read(Optional.empty(), all);
  }

  /** The folder of this installation: models, samples. */
  public static Path installation() {
    return Path.of(System.getProperty("antiphon.home", "."));
  }

  /** The recordings that callers speak. */
  public static Recordings recordings() throws IOException {
    return Recordings.read(installation().resolve("samples"));
  }
}
