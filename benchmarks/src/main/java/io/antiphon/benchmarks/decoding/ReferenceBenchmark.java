package io.antiphon.benchmarks.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.benchmarks.report.Target;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.TemporaryDirectories;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Our decoding against the reference implementation's own class. */
@Command(
    name = "reference",
    description = {
      "Joint decoding steps (one shared-LLM position and the refined head's passes of one conversation)",
      "a second and core: the engine against the reference implementation's own class on the same",
      "checkpoint and prompts, greedy, one thread each, in turns within one run. All ids must agree."
    })
public final class ReferenceBenchmark extends Benchmark {
  private static final String SCRIPT = "benchmarks/src/main/python/reference_steps.py";

  @Option(
      names = "--reference",
      paramLabel = "FOLDER",
      required = true,
      description = "A checkout of github.com/FunAudioLLM/Fun-Audio-Chat.")
  private Path checkout;

  @Option(
      names = "--python",
      paramLabel = "PYTHON",
      required = true,
      description = "A Python with torch and transformers 4.52.3.")
  private Path python;

  @Option(
      names = "--conversations",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8,32",
      description = "Conversations at once in the engine; ${DEFAULT-VALUE} if not given.")
  private List<Integer> batches;

  @Mixin private DecodingOptions decoding;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "How long the engine decodes in each turn; ${DEFAULT-VALUE} if not given.")
  private double seconds;

  /** What one side did in all its rounds. */
  private static final class Side {
    double steps;
    double seconds;
    double cpuSeconds;
    final List<Double> perSecond = new ArrayList<>();

    void add(double newSteps, double newSeconds, double newCpuSeconds) {
      steps += newSteps;
      seconds += newSeconds;
      cpuSeconds += newCpuSeconds;
      perSecond.add(newSteps / newSeconds);
    }

    double perCore() {
      return steps / cpuSeconds;
    }
  }

  @Override
  public void measure(Report report) throws Exception {
    if (!Files.isDirectory(checkout.resolve("funaudiochat"))) {
      throw new BenchmarkException(
          "--reference is " + checkout + "; expected a checkout of Fun-Audio-Chat");
    }
    if (!Files.isExecutable(python)) {
      throw new BenchmarkException("--python is " + python + "; expected a Python interpreter");
    }
    AgentConfiguration configuration = configuration(DecodingOptions.settings(batches));
    Path folder = Files.createTempDirectory("antiphon-reference");
    try (ModelHost host = ModelHosts.acquire(configuration.model().hostSettings())) {
      List<SpokenPrompt> prompts = new ArrayList<>();
      for (float[] question : recordings().questions()) {
        prompts.add(SpokenPrompt.of(host, question));
      }
      progress("Loading the reference ...");
      try (ReferenceProcess reference =
          new ReferenceProcess(
              python,
              installation().resolve(SCRIPT),
              checkout.toAbsolutePath(),
              host.bundle().directory(),
              folder,
              prompts,
              host.bundle().manifest(),
              decoding.steps)) {
        compare(host, prompts, reference, report);
      }
    } finally {
      TemporaryDirectories.delete(folder);
    }
  }

  private void compare(
      ModelHost host, List<SpokenPrompt> prompts, ReferenceProcess reference, Report report)
      throws IOException, InterruptedException {
    Side theirs = new Side();
    Map<Integer, Side> ours = new LinkedHashMap<>();
    JsonNode known = reference.decode(); // warms up
    Manifest manifest = host.bundle().manifest();
    int compared = 0;
    int different = 0;
    for (int round = 0; round < decoding.rounds; round++) {
      progress("  round " + (round + 1) + " of " + decoding.rounds + " ...");
      for (JsonNode answer : reference.decode()) {
        theirs.add(
            answer.path("steps").asDouble(),
            answer.path("seconds").asDouble(),
            answer.path("cpuSeconds").asDouble());
      }
      for (int batch : batches) {
        try (DirectAnswers answers = new DirectAnswers(host, prompts, batch, decoding.steps)) {
          answers.decodeFor(round == 0 ? seconds : 0.5); // warms up
          DirectAnswers.Window window = answers.decodeFor(seconds);
          ours.computeIfAbsent(batch, n -> new Side())
              .add((double) window.steps(), window.seconds(), window.cpuSeconds());
          compared += window.ended().size();
          different +=
              (int)
                  window.ended().stream()
                      .filter(a -> !same(manifest, a, known.get(a.prompt())))
                      .count();
        }
      }
    }
    fill(report, manifest, prompts, known, theirs, ours, reference.versions());
    report
        .setting("answersCompared", compared)
        .ratio("answers whose ids differ", different, Target.atMost(0));
    if (different > 0) {
      throw new BenchmarkException(
          different + " of " + compared + " answers have other ids than the reference's");
    }
  }

  private void fill(
      Report report,
      Manifest manifest,
      List<SpokenPrompt> prompts,
      JsonNode known,
      Side theirs,
      Map<Integer, Side> ours,
      String versions) {
    double positionsPerSecond =
        (double) manifest.audio().tokenRate() / manifest.audio().groupSize();
    report
        .setting("bundle", manifest.name())
        .setting(
            "reference", versions + ", one thread, one conversation at a time as its class does")
        .setting("threads", 1)
        .setting("rounds", decoding.rounds)
        .setting("prompts", prompts.size())
        .setting("promptPositions", prompts.stream().map(SpokenPrompt::positions).toList())
        .setting(
            "answerSteps",
            Stream.iterate(0, i -> i < known.size(), i -> i + 1)
                .map(i -> known.get(i).path("steps").asInt() + 1)
                .toList());
    row(report, "reference", 1, theirs, positionsPerSecond, theirs);
    ours.forEach(
        (batch, side) -> {
          double ratio = side.perCore() / theirs.perCore();
          report.ratio(
              "steps a second and core, engine with " + batch + " conversations / reference",
              ratio,
              batch == 32 ? Target.atLeast(30) : null);
          row(report, "engine", batch, side, positionsPerSecond, theirs);
        });
  }

  private static void row(
      Report report, String side, int batch, Side figures, double positionsPerSecond, Side theirs) {
    report.row(
        "Decoding",
        Report.row(
            "side",
            side,
            "conversations",
            batch,
            "steps/s and core",
            figures.perCore(),
            "steps/s",
            figures.steps / figures.seconds,
            "steps/s median round",
            Percentiles.median(figures.perSecond),
            "ms a step",
            1000 * figures.seconds / figures.steps,
            "speaking in real time on a core",
            Math.floor(figures.perCore() / positionsPerSecond),
            "ratio",
            figures.perCore() / theirs.perCore()));
  }

  /** Text and speech ids are those of the reference. */
  private static boolean same(Manifest manifest, DirectAnswers.Answer ours, JsonNode theirs) {
    List<Integer> text = new ArrayList<>();
    List<Integer> speech = new ArrayList<>();
    for (GenerationStep step : ours.steps()) {
      text.add(step.referenceTextId(manifest));
      for (int k = 0; step.speechIds() != null && k < step.speechIds().length; k++) {
        speech.add(step.speechIds()[k]);
      }
    }
    return text.equals(ints(theirs.path("text"))) && speech.equals(ints(theirs.path("speech")));
  }

  private static List<Integer> ints(JsonNode array) {
    List<Integer> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asInt()));
    return values;
  }
}
