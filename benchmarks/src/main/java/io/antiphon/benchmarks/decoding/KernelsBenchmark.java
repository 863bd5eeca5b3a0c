package io.antiphon.benchmarks.decoding;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.CollectedGeneration;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.planning.MeasuredKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a bundle's calls cost on this kind of core: what `./antiphon plan` works from. */
@Command(
    name = "kernels",
    description = {
      "A bundle's loading, memory and calls: milliseconds of a step, an encoder window, a window's prefill and a group's",
      "samples by conversations in the call, as processor time of the one thread that computes. Then whether answers are",
      "the same alone, together and continued from known steps. ./antiphon plan --kernels reads what --json writes."
    })
public final class KernelsBenchmark extends Benchmark {
  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "32",
      description = "Conversations in the largest step; ${DEFAULT-VALUE} if not given.")
  private int rows;

  @Option(
      names = "--positions",
      paramLabel = "N",
      defaultValue = "512",
      description =
          "Positions of a row; steps are measured with half of them filled. ${DEFAULT-VALUE} if not given.")
  private int positions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "For all calls together, about; ${DEFAULT-VALUE} if not given.")
  private int seconds;

  @Option(
      names = "--answers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Answers that are compared, 0 for none; ${DEFAULT-VALUE} if not given.")
  private int answers;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "12",
      description = "Steps of a compared answer; ${DEFAULT-VALUE} if not given.")
  private int steps;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration =
        configuration(
            Map.of(
                "model.rows",
                Integer.toString(rows),
                "model.positionsPerRow",
                Integer.toString(positions),
                "model.maximumLead",
                "1h",
                "model.admission.calibration",
                seconds + "s"));
    double before = CpuTime.statusMebibytes("RssAnon");
    progress("  loading and measuring ...");
    try (LocalModelHost host = new LocalModelHost(configuration.model().hostSettings())) {
      double slab = host.slabBytes() / 1048576.0;
      double loaded = CpuTime.statusMebibytes("RssAnon") - slab;
      Manifest manifest = host.bundle().manifest();
      HostCosts costs = host.measuredCosts().orElseThrow();
      report
          .setting("bundle", manifest.name())
          .setting("rows", rows)
          .setting("filledPositions", positions / 2)
          .setting("intraOpThreads", host.settings().intraOpThreads());
      report.row(
          "Loading and memory",
          Report.row(
              "load s",
              host.metrics().gauge("load.millis") / 1000,
              "process MiB before",
              before,
              "MiB beside the rows",
              loaded,
              "rows MiB",
              slab,
              "most resident MiB",
              CpuTime.statusMebibytes("VmHWM"),
              "manifest's MiB",
              manifest.weightsMebibytes().orElse(0)));
      calls(report, costs);
      report.attach(
          MeasuredKernels.PART,
          new MeasuredKernels(
                  manifest.name(),
                  host.settings().intraOpThreads(),
                  positions / 2,
                  (int) Math.ceil(loaded),
                  costs)
              .toJson());
      compare(host, report);
    }
  }

  private static void calls(Report report, HostCosts costs) {
    TreeSet<Integer> sizes = new TreeSet<>(costs.step().points().keySet());
    sizes.addAll(costs.encoder().points().keySet());
    if (costs.detokenizer() != null) {
      sizes.addAll(costs.detokenizer().points().keySet());
    }
    for (int size : sizes) {
      report.row(
          "CpuTime milliseconds of a call",
          Report.row(
              "conversations",
              size,
              "step",
              at(costs.step(), size),
              "step per conversation",
              each(costs.step(), size),
              "encoder window",
              at(costs.encoder(), size),
              "group's samples",
              costs.detokenizer() == null ? null : at(costs.detokenizer(), size),
              "window's prefill",
              size == 1 ? costs.prefillMillis() : null));
    }
  }

  private static @Nullable Double at(CostCurve curve, int size) {
    return curve.points().get(size);
  }

  private static @Nullable Double each(CostCurve curve, int size) {
    Double whole = at(curve, size);
    return whole == null ? null : whole / size;
  }

  /** The same answers alone, together, and continued from their first half. */
  private void compare(ModelHost host, Report report) throws Exception {
    if (answers == 0) {
      return;
    }
    int count = Math.min(answers, rows);
    progress("  " + count + " answers alone, together and continued ...");
    Recordings recordings = recordings();
    List<SpokenPrompt> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(SpokenPrompt.of(host, recordings.question(i, 0)));
    }
    List<List<GenerationStep>> alone = new ArrayList<>();
    List<List<GenerationStep>> continued = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<GenerationStep> whole = answer(host, prompts, List.of(i), List.of()).get(0);
      alone.add(whole);
      List<GenerationStep> known = whole.subList(0, whole.size() / 2);
      List<GenerationStep> rest = new ArrayList<>(known);
      rest.addAll(answer(host, prompts, List.of(i), known).get(0));
      continued.add(rest);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(i);
    }
    List<List<GenerationStep>> together = answer(host, prompts, all, List.of());
    report.ratio("answers whose ids are the same together / alone", same(together, alone));
    report.ratio("answers whose ids are the same continued / alone", same(continued, alone));
    report.row(
        "Compared answers",
        Report.row(
            "answers", count,
            "steps", alone.stream().mapToInt(List::size).sum(),
            "prompt positions", prompts.stream().mapToInt(SpokenPrompt::positions).sum()));
  }

  private List<List<GenerationStep>> answer(
      ModelHost host, List<SpokenPrompt> prompts, List<Integer> which, List<GenerationStep> known) {
    List<GenerationSession> sessions = new ArrayList<>();
    List<CollectedGeneration> collected = new ArrayList<>();
    Manifest.SamplingDefaults sampling = host.bundle().manifest().sampling();
    for (int i : which) {
      GenerationSession session = host.openResponse("compared " + i, true);
      prompts.get(i).segments().forEach(session::append);
      sessions.add(session);
    }
    for (int i = 0; i < which.size(); i++) {
      CollectedGeneration generation = new CollectedGeneration();
      collected.add(generation);
      sessions
          .get(i)
          .generate(
              new GenerationRequest(
                  which.get(i), 0, true, true, sampling.text(), sampling.speech(), steps, known),
              generation);
    }
    collected.forEach(CollectedGeneration::await);
    sessions.forEach(GenerationSession::close);
    return collected.stream().map(CollectedGeneration::steps).toList();
  }

  private static double same(List<List<GenerationStep>> some, List<List<GenerationStep>> others) {
    int same = 0;
    for (int i = 0; i < some.size(); i++) {
      same += ids(some.get(i)).equals(ids(others.get(i))) ? 1 : 0;
    }
    return (double) same / some.size();
  }

  private static List<String> ids(List<GenerationStep> steps) {
    return steps.stream()
        .map(step -> step.textId() + " " + Arrays.toString(step.sampledSpeechIds()))
        .toList();
  }
}
