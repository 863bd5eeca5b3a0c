package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.ModelHostSettings.Preload;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Manifest.Graph;
import io.antiphon.runtime.onnx.Closing;
import io.antiphon.runtime.onnx.DeviceMemory;
import io.antiphon.runtime.onnx.NativeCalls;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Slabs, step tensors and the graphs that work on them. Fused graph variants that were not
 * preloaded are loaded when first needed: each keeps its own copy of the weights in single
 * precision. Graphs by weights are loaded once. Not thread safe.
 */
final class DecodingGraphs implements AutoCloseable {
  private static final KeyValueCache.Extent NOTHING = new KeyValueCache.Extent(0, 0);

  private final Bundle bundle;
  private final OnnxSessions sessions;
  private final int chunk;
  private final int positions;
  private final CacheMover mover;
  private final DeviceMemory memory;
  private final KeyValueCache llm;

  /** Null where nothing is spoken. */
  private final @Nullable KeyValueCache head;

  private final StepTensors tensors;
  private final Map<Graph, PrefillGraph> prefills = new EnumMap<>(Graph.class);
  private final Map<Graph, StepGraph> steps = new EnumMap<>(Graph.class);

  /** Null where the graphs are fused. */
  private final @Nullable WeightsGraphs byWeights;

  /**
   * @param positions of the log that a row holds
   * @param chunk most positions of one prefill call
   * @param speech whether the refined head is opened
   */
  DecodingGraphs(
      Bundle bundle, OnnxSessions sessions, int rows, int positions, int chunk, boolean speech) {
    this.bundle = bundle;
    this.sessions = sessions;
    this.chunk = chunk;
    this.positions = positions;
    Manifest manifest = bundle.manifest();
    Manifest.SharedLlm sharedLlm = manifest.sharedLlm();
    Manifest.RefinedHead refinedHead = manifest.refinedHead();
    int capacity = capacity(positions);
    List<AutoCloseable> made = new ArrayList<>();
    try {
      mover = new CacheMover(sessions);
      made.add(0, mover);
      memory = mover.memory();
      made.add(0, memory);
      llm =
          new DeviceKeyValueCache(
              "llm",
              memory,
              mover,
              rows,
              sharedLlm.layers(),
              sharedLlm.keyValueHeads(),
              capacity,
              sharedLlm.headSize());
      made.add(0, llm);
      head =
          speech
              ? new DeviceKeyValueCache(
                  "head",
                  memory,
                  mover,
                  rows,
                  refinedHead.layers(),
                  refinedHead.keyValueHeads(),
                  capacity * manifest.audio().groupSize(),
                  refinedHead.headSize())
              : null;
      if (head != null) {
        made.add(0, head);
      }
      byWeights =
          manifest.graphs().containsKey(Graph.LLM)
              ? new WeightsGraphs(bundle, sessions, speech)
              : null;
    } catch (OrtException e) {
      made.forEach(part -> Closing.after(e, part));
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "rows is "
                  + rows
                  + ", whose caches cannot be allocated on "
                  + sessions.device()
                  + ": "
                  + e.getMessage()));
    } catch (RuntimeException e) {
      made.forEach(part -> Closing.after(e, part));
      throw e;
    }
    tensors = new StepTensors(manifest, rows);
  }

  /** Loads variants ahead of their use. */
  void preload(Preload which) {
    Manifest.SamplingDefaults defaults = bundle.manifest().sampling();
    if (speech()) {
      prefill(true);
      step(true, defaults.text().greedy() && defaults.speech().greedy());
    }
    prefill(false);
    step(false, defaults.text().greedy());
    if (which == Preload.ALL) {
      for (boolean greedy : new boolean[] {false, true}) {
        if (speech()) {
          step(true, greedy);
        }
        step(false, greedy);
      }
    }
  }

  /** Whether answers can be spoken. */
  boolean speech() {
    return head != null;
  }

  /** Positions of the log that a row holds. */
  int positions() {
    return positions;
  }

  StepTensors tensors() {
    return tensors;
  }

  PrefillGraph prefill(boolean speech) {
    return prefills.computeIfAbsent(
        speech ? Graph.PREFILL : Graph.PREFILL_TEXT,
        graph -> openPrefill(graph, speech ? head : null));
  }

  private PrefillGraph openPrefill(Graph graph, @Nullable KeyValueCache refinedHead) {
    Manifest manifest = bundle.manifest();
    if (byWeights == null) {
      return new FusedPrefill(
          sessions.open(bundle.file(graph)), sessions.onHost(), manifest, llm, refinedHead, chunk);
    }
    try {
      return new WeightsPrefill(byWeights, manifest, llm, refinedHead, chunk);
    } catch (OrtException e) {
      throw DecodingEngine.broken("prefill", e);
    }
  }

  StepGraph step(boolean speech, boolean greedy) {
    // Graphs by weights have no greedy variants: a row of temperature 0 takes the largest logit.
    boolean drawn = !greedy || byWeights != null;
    Graph variant =
        speech
            ? !drawn ? Graph.STEP_GREEDY : Graph.STEP
            : !drawn ? Graph.STEP_TEXT_GREEDY : Graph.STEP_TEXT;
    return steps.computeIfAbsent(variant, graph -> openStep(graph, speech ? head : null));
  }

  private StepGraph openStep(Graph graph, @Nullable KeyValueCache refinedHead) {
    Manifest manifest = bundle.manifest();
    if (byWeights == null) {
      return new FusedStep(
          sessions.open(bundle.file(graph)),
          sessions.onHost(),
          tensors,
          llm,
          refinedHead,
          manifest.audio().groupSize());
    }
    try {
      return new WeightsStep(byWeights, tensors, manifest, llm, refinedHead);
    } catch (OrtException e) {
      throw DecodingEngine.broken("step", e);
    }
  }

  /**
   * Of how many rows on a row's step does not depend on the rows beside it on this processor, see
   * {@link WeightsStep#exactFrom}; empty where the graphs are fused, whose kernels are exact on
   * every one that was tried.
   *
   * @param most rows to step together at most
   */
  OptionalInt rowsExactFrom(int most) {
    if (byWeights == null) {
      return OptionalInt.empty();
    }
    try {
      WeightsStep step = (WeightsStep) step(speech(), false);
      return OptionalInt.of(step.exactFrom(Math.min(most, tensors.rows())));
    } catch (OrtException e) {
      throw DecodingEngine.broken("step", e);
    }
  }

  /** Moves the front of the refined head's cache in a context's row to where it has to be. */
  void slideHead(Sequence context) {
    KeyValueCache cache = head;
    if (cache != null) {
      moveEntries(() -> context.slideHead(cache, bundle.manifest().audio().groupSize()));
    }
  }

  /** Moves entries of a cache. */
  private interface Movement {
    void run() throws OrtException;
  }

  private static void moveEntries(Movement movement) {
    try (NativeCalls.Call call = NativeCalls.begin()) {
      movement.run();
    } catch (OrtException e) {
      throw DecodingEngine.broken("cache's", e);
    }
  }

  /** Exchanges a context's row of both slabs with another, which may have no owner. */
  void swap(Sequence context, int target, @Nullable Sequence other) {
    moveEntries(
        () -> {
          llm.swap(
              context.row,
              new KeyValueCache.Extent(context.computed, 0),
              target,
              other == null ? NOTHING : new KeyValueCache.Extent(other.computed, 0));
          if (head != null) {
            int k = bundle.manifest().audio().groupSize();
            head.swap(
                context.row,
                context.headExtent(k),
                target,
                other == null ? NOTHING : other.headExtent(k));
          }
        });
  }

  /**
   * One position more than a log has: a full row that lies between stepping ones is written behind
   * its end.
   */
  private static int capacity(int positions) {
    return positions + 1;
  }

  /** Memory of one row of both slabs, or of the shared LLM's alone, in bytes. */
  static long rowBytes(Manifest manifest, int positions, boolean speech) {
    Manifest.SharedLlm llm = manifest.sharedLlm();
    Manifest.RefinedHead head = manifest.refinedHead();
    long position = 2L * llm.layers() * llm.keyValueHeads() * llm.headSize();
    if (speech) {
      position +=
          2L
              * head.layers()
              * head.keyValueHeads()
              * head.headSize()
              * manifest.audio().groupSize();
    }
    return position * capacity(positions) * Float.BYTES;
  }

  long slabBytes() {
    return llm.sizeInBytes() + (head == null ? 0 : head.sizeInBytes());
  }

  /** Closes everything, whatever one of them throws. */
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    all.addAll(steps.values());
    all.addAll(prefills.values());
    if (byWeights != null) {
      all.add(byWeights);
    }
    if (head != null) {
      all.add(head);
    }
    all.add(llm);
    all.add(memory);
    all.add(mover);
    Closing.all(all, "a graph cannot be closed");
  }
}
