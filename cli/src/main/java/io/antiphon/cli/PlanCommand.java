package io.antiphon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.antiphon.runtime.llm.DecodingEngine;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.ManifestReader;
import io.antiphon.runtime.planning.Accelerator;
import io.antiphon.runtime.planning.Architecture;
import io.antiphon.runtime.planning.Machine;
import io.antiphon.runtime.planning.MeasuredKernels;
import io.antiphon.runtime.planning.Plan;
import io.antiphon.runtime.planning.Planner;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a machine carries. */
@Command(
    name = "plan",
    description = {
      "How many conversations a machine carries, at which latency, what limits it and what one costs an hour.",
      "A processor: from calls measured on a core of its kind (./antiphon bench kernels --json FILE).",
      "An accelerator: worked out from its figures and the model's config.json; nothing of it was measured.",
      "docs/sizing.md tells the arithmetic and how far it was from what was measured."
    },
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  private static final double GIBIBYTE = 1 << 30;

  @Parameters(index = "0", paramLabel = "BUNDLE", description = "Directory of the bundle.")
  private Path bundle;

  @Option(
      names = "--kernels",
      paramLabel = "FILE",
      description = "What bench kernels --json measured for this bundle.")
  private @Nullable Path kernels;

  @Option(
      names = "--accelerator",
      paramLabel = "NAME",
      description = "h100, h200 or l20, in place of --kernels.")
  private @Nullable String accelerator;

  @Option(
      names = "--cores",
      paramLabel = "N",
      description = "Of the machine; this machine's if not given.")
  private @Nullable Integer cores;

  @Option(
      names = "--memory",
      paramLabel = "GIB",
      description = "Of the machine; this machine's if not given.")
  private @Nullable Double memory;

  @Option(
      names = "--positions",
      paramLabel = "N",
      defaultValue = "1024",
      description =
          "Shared-LLM positions of a conversation, five for a second; ${DEFAULT-VALUE} if not given.")
  private int positions;

  @Option(
      names = "--utilization",
      paramLabel = "SHARE",
      defaultValue = "0.7",
      description =
          "Share of threads, cores and device that may be busy; ${DEFAULT-VALUE} if not given.")
  private double utilization;

  @Option(
      names = "--price",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of the machine for an hour, in any currency.")
  private double price;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    check();
    Manifest manifest = ManifestReader.read(bundle);
    Planner planner =
        new Planner(
            manifest, DecodingEngine.rowBytes(manifest, positions, true), positions, utilization);
    Plan plan;
    if (kernels != null) {
      MeasuredKernels measured = MeasuredKernels.read(kernels);
      if (!measured.bundle().equals(manifest.name())) {
        throw new InputException(
            kernels
                + " was measured with bundle "
                + measured.bundle()
                + "; expected "
                + manifest.name());
      }
      plan = planner.onProcessor(measured, machine());
    } else {
      plan =
          planner.onAccelerator(
              Architecture.read(bundle),
              Accelerator.named(Objects.requireNonNull(accelerator)), // one of them is given
              machine());
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? json(plan) : text(plan, manifest));
    out.flush();
    return 0;
  }

  private void check() {
    if (!Files.isDirectory(bundle)) {
      throw new InputException(bundle + " does not exist; expected the directory of a bundle");
    }
    if ((kernels == null) == (accelerator == null)) {
      throw new InputException(
          "neither or both of --kernels and --accelerator are given; expected one of them");
    }
    require("--cores", cores == null ? 1 : cores, 1, 4096);
    require("--memory", memory == null ? 1 : memory, 1, 1 << 20);
    require("--positions", positions, 16, 1 << 20);
    require("--price", price, 0, 1e9);
    if (!(utilization > 0 && utilization <= 1)) {
      throw new InputException("--utilization is " + utilization + "; expected above 0 to 1");
    }
  }

  private static void require(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new InputException(
          String.format(
              Locale.ROOT, "%s is %s; expected %.0f to %.0f", option, value, least, most));
    }
  }

  private Machine machine() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double gibibytes = memory == null ? system.getTotalMemorySize() / GIBIBYTE : memory;
    int all = cores == null ? Runtime.getRuntime().availableProcessors() : cores;
    return new Machine(all, Math.round(gibibytes * 1024), price);
  }

  private String text(Plan plan, Manifest manifest) {
    double group = 1000.0 * manifest.audio().groupSize() / manifest.audio().tokenRate();
    StringBuilder text = new StringBuilder();
    line(text, "conversations at once", "%d", plan.conversations());
    line(text, "limited by", "%s", plan.limit().words());
    line(text, "first audio", "%.0f ms", plan.firstAudioMillis());
    line(text, "step of all who are answered", "%.0f ms of %.0f", plan.stepMillis(), group);
    line(text, "hosts x threads in a call", "%d x %d", plan.hosts(), plan.intraOpThreads());
    line(text, "memory", "%.1f GiB", plan.memoryMebibytes() / 1024.0);
    line(text, "busy", "%.0f %%", 100 * plan.coreShare());
    line(
        text,
        "  of a second of one host",
        "steps %.3f, prefill %.3f, encoder %.3f, detokenizer %.3f",
        plan.work().steps(),
        plan.work().prefill(),
        plan.work().encoder(),
        plan.work().detokenizer());
    if (price > 0) {
      line(text, "an hour of one conversation", "%.3f", plan.pricePerConversationHour());
    }
    if (kernels != null && manifest.detokenizer().isEmpty()) {
      text.append("The bundle has no detokenizer: its work is not in the plan.\n");
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-30s " + format + "%n", join(name, values)));
  }

  private static Object[] join(String name, Object[] values) {
    Object[] all = new Object[values.length + 1];
    all[0] = name;
    System.arraycopy(values, 0, all, 1, values.length);
    return all;
  }

  private static String json(Plan plan) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("conversations", plan.conversations());
    node.put("limit", plan.limit().name());
    node.put("hosts", plan.hosts());
    node.put("intraOpThreads", plan.intraOpThreads());
    node.put("firstAudioMillis", plan.firstAudioMillis());
    node.put("stepMillis", plan.stepMillis());
    node.put("memoryMebibytes", plan.memoryMebibytes());
    node.put("busyShare", plan.coreShare());
    node.put("pricePerConversationHour", plan.pricePerConversationHour());
    node.put("steps", plan.work().steps());
    node.put("prefill", plan.work().prefill());
    node.put("encoder", plan.work().encoder());
    node.put("detokenizer", plan.work().detokenizer());
    return node.toPrettyString() + "\n";
  }
}
