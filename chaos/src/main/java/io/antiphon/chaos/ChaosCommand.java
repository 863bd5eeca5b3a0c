package io.antiphon.chaos;

import io.antiphon.chaos.calls.CallChaosReport;
import io.antiphon.chaos.calls.CallChaosRun;
import io.antiphon.chaos.faults.Fault;
import io.antiphon.chaos.faults.ProcessFaults;
import io.antiphon.chaos.report.ChaosReport;
import io.antiphon.cli.CommandRunner;
import io.antiphon.local.TemporaryDirectories;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./antiphon chaos}. */
@Command(
    name = "antiphon chaos",
    description = {
      "Holds live conversations on a cluster of processes of its own, does one fault after the other to it,",
      "and compares what every caller heard with an undisturbed run of the same recordings and seeds.",
      "Exit code 0 only if all heard the same, nothing lost and nothing twice."
    },
    mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Option(
      names = "--seed",
      description = "Of scripts, faults and moments; ${DEFAULT-VALUE} if not given.",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--rounds",
      description = "Faults, one after the other; ${DEFAULT-VALUE} if not given.",
      defaultValue = "9")
  private int rounds;

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "FAULT",
      converter = FaultConverter.class,
      description = "Those to draw from, all if not given: ${COMPLETION-CANDIDATES}.")
  private List<Fault> faults = List.of(Fault.values());

  @Option(
      names = "--conversations",
      description = "Live at any moment; ${DEFAULT-VALUE} if not given.",
      defaultValue = "8")
  private int conversations;

  @Option(
      names = "--calls",
      paramLabel = "N",
      description = {
        "In place of conversations with the agent so many calls of two on call analytics, --conversations of them at the",
        "same time; each must have one summary, that of an undisturbed run. Faults: kill-taskmanager, stop-taskmanager,",
        "kill-jobmanager, kill-broker."
      },
      defaultValue = "0")
  private int calls;

  @Option(
      names = "--calm",
      paramLabel = "SECONDS",
      description = "Live conversations before the first fault; ${DEFAULT-VALUE} if not given.",
      defaultValue = "0")
  private int baseline;

  @Option(
      names = "--lag",
      paramLabel = "SECONDS",
      description = "How long lag-source lasts; ${DEFAULT-VALUE} if not given.",
      defaultValue = "120")
  private int lag;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A setting of the job, such as model.rows=8.")
  private Map<String, String> job = new LinkedHashMap<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write everything as JSON, after each round what is known by then.")
  private @Nullable Path json;

  @Option(names = "--verbose", description = "Log to the terminal.")
  private boolean verbose;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    CommandRunner.exit(new ChaosCommand(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    List<String> problems = new ArrayList<>();
    require(problems, "--rounds", rounds, 0, 10_000);
    require(problems, "--conversations", conversations, 1, 32);
    require(problems, "--calm", baseline, 0, 86_400);
    require(problems, "--lag", lag, 1, 3_600);
    require(problems, "--calls", calls, 0, 100_000);
    if (calls > 0 && !faults.equals(List.of(Fault.values()))) {
      faults.stream()
          .filter(fault -> !ProcessFaults.FAULTS.contains(fault))
          .forEach(
              fault ->
                  problems.add(
                      "--faults has " + fault + "; with --calls one of " + ProcessFaults.FAULTS));
    }
    if (!problems.isEmpty()) {
      throw new ParameterException(spec.commandLine(), String.join("\n", problems));
    }
    Path root = Path.of(System.getProperty("antiphon.home", "."));
    Path run =
        Files.createTempDirectory(Files.createDirectories(root.resolve("chaos/target")), "run-");
    PrintWriter progress = spec.commandLine().getErr();
    ChaosSettings settings =
        new ChaosSettings(
            root,
            run,
            seed,
            rounds,
            faults,
            conversations,
            Duration.ofSeconds(baseline),
            Duration.ofSeconds(lag),
            job);
    if (calls > 0) {
      return callAnalytics(settings, progress);
    }
    ChaosReport report =
        new ChaosRun(
                settings,
                line -> {
                  progress.println(line);
                  progress.flush();
                },
                this::keep)
            .run();
    spec.commandLine().getOut().print(report.text());
    spec.commandLine().getOut().flush();
    keep(report);
    if (!report.same()) {
      progress.println("Logs and records are kept in " + run);
      return FAILED;
    }
    TemporaryDirectories.delete(run);
    return 0;
  }

  private int callAnalytics(ChaosSettings all, PrintWriter progress) throws IOException {
    ChaosSettings settings =
        new ChaosSettings(
            all.root(),
            all.run(),
            all.seed(),
            all.rounds(),
            all.faults().stream().filter(ProcessFaults.FAULTS::contains).toList(),
            all.conversations(),
            all.baseline(),
            all.lag(),
            all.job());
    CallChaosReport report =
        new CallChaosRun(
                settings,
                calls,
                line -> {
                  progress.println(line);
                  progress.flush();
                })
            .run();
    spec.commandLine().getOut().print(report.text());
    spec.commandLine().getOut().flush();
    if (!report.problems().isEmpty()) {
      progress.println("Logs and records are kept in " + settings.run());
      return FAILED;
    }
    TemporaryDirectories.delete(settings.run());
    return 0;
  }

  /** Writes the file as a whole or not at all: the run may be cut at any moment. */
  private void keep(ChaosReport report) {
    if (json == null) {
      return;
    }
    try {
      Path whole = json.toAbsolutePath();
      Path next = whole.resolveSibling(whole.getFileName() + ".next");
      Files.writeString(next, report.json());
      Files.move(next, whole, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ChaosException(json + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void require(
      List<String> problems, String name, int value, int lowest, int highest) {
    if (value < lowest || value > highest) {
      problems.add(name + " is " + value + "; expected " + lowest + " to " + highest);
    }
  }

  /** Reads faults as the table names them. */
  private static final class FaultConverter implements ITypeConverter<Fault> {
    @Override
    public Fault convert(String name) {
      return Fault.of(name);
    }
  }
}
