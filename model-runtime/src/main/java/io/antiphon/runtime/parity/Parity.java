package io.antiphon.runtime.parity;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.CollectedGeneration;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.llm.ReferencePass;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Safetensors;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.text.PromptSegment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares every stage of a bundle with reference cases: a {@code cases.safetensors} whose tensors
 * for case i are {@code i.wav}, {@code i.mel}, {@code i.encoder}, {@code i.groups}, {@code
 * i.prompt_ids}, {@code i.hidden}, {@code i.text_logits} and, for each mode, {@code
 * i.MODE.text_ids} and {@code i.MODE.speech_ids}. Each stage gets our own result of the one before.
 * Ids come from the engine that serves conversations.
 */
public final class Parity {
  private static final double MEL_TOLERANCE = 1e-4;
  private static final double RELATIVE_TOLERANCE = 1e-4;

  /** Least {@code max_new_tokens} that cases were generated with. */
  private static final int NEW_POSITIONS = 24;

  private static final Sampling PENALTY = new Sampling(0, 1, 1.2);

  /** How the reference generated the ids of a mode. */
  private record ModeOfCase(String name, boolean speech, boolean forced, Sampling sampling) {}

  private static final List<ModeOfCase> MODES =
      List.of(
          new ModeOfCase("speech", true, true, Sampling.GREEDY),
          new ModeOfCase("speech_penalty", true, true, PENALTY),
          new ModeOfCase("answer", true, false, Sampling.GREEDY),
          new ModeOfCase("text", false, false, Sampling.GREEDY),
          new ModeOfCase("text_penalty", false, false, PENALTY));

  /**
   * @param bundle the bundle's directory
   * @param cases a folder with {@code cases.safetensors}, as made by the reference implementation
   * @throws ConfigurationException when the bundle cannot be used
   * @throws UncheckedIOException when the cases cannot be read
   */
  public ParityReport run(Path bundle, Path cases) {
    try {
      return compare(bundle, Safetensors.open(cases.resolve("cases.safetensors")));
    } catch (IOException e) {
      throw new UncheckedIOException("cases cannot be read: " + e.getMessage(), e);
    }
  }

  private static ParityReport compare(Path bundle, Safetensors cases) throws IOException {
    int positions = 16;
    int steps = NEW_POSITIONS;
    int count = 0;
    for (; cases.has(count + ".prompt_ids"); count++) {
      positions = Math.max(positions, cases.ints(count + ".prompt_ids").length);
      for (ModeOfCase mode : MODES) {
        String name = count + "." + mode.name() + ".text_ids";
        steps = Math.max(steps, cases.has(name) ? cases.ints(name).length : 0);
      }
    }
    if (count == 0) {
      throw new IOException("there is no tensor 0.prompt_ids");
    }
    ModelHostSettings settings =
        new ModelHostSettings(
            bundle,
            Device.CPU,
            2,
            positions + steps,
            1,
            false,
            Duration.ZERO,
            1,
            Duration.ofHours(1));
    List<ParityReport.Stage> stages = new ArrayList<>();
    try (ModelHost host = ModelHosts.acquire(settings);
        ReferencePass pass =
            new ReferencePass(host.bundle(), new OnnxSessions(Device.CPU, 1, false), positions)) {
      for (int i = 0; i < count; i++) {
        new ParityCase(host, pass, cases, Integer.toString(i), steps, stages).run();
      }
    }
    return new ParityReport(List.copyOf(stages));
  }

  /** One case through all stages. */
  private static final class ParityCase {
    private final ModelHost host;
    private final ReferencePass pass;
    private final Safetensors cases;
    private final String name;
    private final int steps;
    private final List<ParityReport.Stage> stages;

    ParityCase(
        ModelHost host,
        ReferencePass pass,
        Safetensors cases,
        String name,
        int steps,
        List<ParityReport.Stage> stages) {
      this.host = host;
      this.pass = pass;
      this.cases = cases;
      this.name = name;
      this.steps = steps;
      this.stages = stages;
    }

    void run() throws IOException {
      float[] groups = new float[0];
      if (cases.has(name + ".wav")) {
        ParitySpeech speech = new ParitySpeech(host, cases.floats(name + ".wav"));
        absolute("mel", speech.mel(), speech.runningMaximumDifference());
        float[] reference = cases.floats(name + ".encoder");
        float[] frames = speech.frames();
        String how = "window by window";
        if (difference(frames, reference) > RELATIVE_TOLERANCE && speech.hasEagerEncoder()) {
          frames = speech.eagerFrames();
          how = "as the reference's eager attention has it";
        }
        relative("encoder", frames, how);
        groups = speech.groups(frames);
        relative("groups", groups, "");
      }
      List<PromptSegment> prompt = prompt(cases.ints(name + ".prompt_ids"), groups);
      relative("hidden", pass.hidden(prompt), "");
      relative("text_logits", pass.textLogits(prompt), "");
      for (ModeOfCase mode : MODES) {
        if (cases.has(name + "." + mode.name() + ".text_ids")) {
          generate(mode, prompt);
        }
      }
    }

    private List<PromptSegment> prompt(int[] ids, float[] groups) {
      int placeholder = host.bundle().manifest().textIds().audio();
      List<PromptSegment> segments = new ArrayList<>();
      int begin = 0;
      while (begin < ids.length) {
        boolean audio = ids[begin] == placeholder;
        int end = begin;
        while (end < ids.length && (ids[end] == placeholder) == audio) {
          end++;
        }
        segments.add(
            audio
                ? new PromptSegment.Audio(groups, end - begin)
                : new PromptSegment.Text(Arrays.copyOfRange(ids, begin, end)));
        begin = end;
      }
      return segments;
    }

    private void generate(ModeOfCase mode, List<PromptSegment> prompt) throws IOException {
      CollectedGeneration collected = new CollectedGeneration();
      try (GenerationSession session = host.openResponse("case " + name, mode.speech())) {
        prompt.forEach(session::append);
        session.generate(
            new GenerationRequest(
                0,
                0,
                mode.speech(),
                mode.forced(),
                mode.sampling(),
                mode.sampling(),
                steps,
                List.of()),
            collected);
        collected.await();
      }
      Manifest manifest = host.bundle().manifest();
      ids(
          mode.name() + ".text_ids",
          collected.steps().stream().mapToInt(step -> step.referenceTextId(manifest)).toArray());
      ids(mode.name() + ".speech_ids", collected.speechIds());
    }

    private void absolute(String stage, float[] ours, String remark) throws IOException {
      float[] reference = cases.floats(name + "." + stage);
      double worst = ours.length == reference.length ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(ours.length, reference.length); i++) {
        worst = Math.max(worst, Math.abs(ours[i] - reference[i]));
      }
      add(stage, worst <= MEL_TOLERANCE, detail("differs by %.2g", worst, remark));
    }

    private void relative(String stage, float[] ours, String remark) throws IOException {
      double worst = difference(ours, cases.floats(name + "." + stage));
      add(
          stage,
          worst <= RELATIVE_TOLERANCE,
          detail("differs by %.2g of the largest", worst, remark));
    }

    private void ids(String stage, int[] ours) throws IOException {
      int[] reference = cases.ints(name + "." + stage);
      int part = Arrays.mismatch(ours, reference);
      String detail =
          part < 0
              ? ours.length + " ids identical"
              : "parts at "
                  + part
                  + " of "
                  + reference.length
                  + ": "
                  + (part < ours.length ? ours[part] : "end")
                  + " instead of "
                  + (part < reference.length ? reference[part] : "end");
      add(stage, part < 0, detail);
    }

    private void add(String stage, boolean passed, String detail) {
      stages.add(new ParityReport.Stage(name + "." + stage, passed, detail));
    }

    private static String detail(String format, double worst, String remark) {
      return String.format(Locale.ROOT, format, worst) + (remark.isEmpty() ? "" : "; " + remark);
    }

    /** Largest difference, relative to the largest reference value. */
    private static double difference(float[] ours, float[] reference) {
      if (ours.length != reference.length) {
        return Double.POSITIVE_INFINITY;
      }
      double worst = 0;
      double largest = 0;
      for (int i = 0; i < ours.length; i++) {
        worst = Math.max(worst, Math.abs(ours[i] - reference[i]));
        largest = Math.max(largest, Math.abs(reference[i]));
      }
      return largest == 0 ? worst : worst / largest;
    }
  }
}
