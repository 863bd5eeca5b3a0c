package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.RecentlyUsed;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/** Prefill over graphs by weights: the shared LLM, then the refined head. Not thread safe. */
final class WeightsPrefill extends PrefillGraph {
  /** Rows and lengths whose bindings are kept. */
  private static final int PLANS = 256;

  private record Range(int row, int count) {}

  /**
   * The runs of a range.
   *
   * @param head null where only the shared LLM is prefilled
   */
  private record Plan(GraphBinding llm, @Nullable HeadRuns head) {
    void close() {
      llm.close();
      if (head != null) {
        head.entry.close();
        head.pass.close();
      }
    }
  }

  /** The refined head's. */
  private record HeadRuns(GraphBinding entry, GraphBinding pass) {}

  private final WeightsGraphs graphs;
  private final KeyValueCache llm;
  private final @Nullable KeyValueCache head;
  private final int groupSize;
  private final int hiddenSize;
  private final SlotTensor pastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final SlotTensor headPastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final SlotTensor headCachedLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final SlotTensor hidden;
  private final SlotTensor headInputs;
  private final SlotTensor entryRows;
  private final SlotTensor headRows;
  private final SlotTensor passRows;
  private final SlotTensor previousIds;
  private final SlotTensor penalty = SlotTensor.batch(OnnxJavaType.FLOAT, 1);
  private final SlotTensor temperature = SlotTensor.batch(OnnxJavaType.FLOAT, 1);
  private final SlotTensor topP = SlotTensor.batch(OnnxJavaType.FLOAT, 1);
  private final SlotTensor uniform = SlotTensor.batch(OnnxJavaType.FLOAT, 1, 1);
  private final SlotTensor seen;
  private final RecentlyUsed<Range, Plan> plans = new RecentlyUsed<>(PLANS, Plan::close);

  /**
   * @param head null where only the shared LLM is prefilled
   * @param positions most positions in one call
   */
  WeightsPrefill(
      WeightsGraphs graphs,
      Manifest manifest,
      KeyValueCache llm,
      @Nullable KeyValueCache head,
      int positions)
      throws OrtException {
    super(manifest, positions, OnnxJavaType.UINT8);
    this.graphs = graphs;
    this.llm = llm;
    this.head = head;
    this.groupSize = manifest.audio().groupSize();
    this.hiddenSize = manifest.sharedLlm().hiddenSize();
    int width = graphs.headWidth();
    hidden = SlotTensor.sequence(OnnxJavaType.FLOAT, positions, hiddenSize);
    headInputs = SlotTensor.sequence(OnnxJavaType.FLOAT, positions, hiddenSize);
    headRows = SlotTensor.batch(OnnxJavaType.FLOAT, positions, groupSize, width);
    previousIds = SlotTensor.sequence(OnnxJavaType.INT64, positions * groupSize);
    seen = SlotTensor.batch(OnnxJavaType.UINT8, 1, manifest.refinedHead().codebookSize());
    LongBuffer ids = previousIds.longs();
    for (int i = 0; i < positions * groupSize; i++) {
      ids.put(i, manifest.speechIds().begin());
    }
    penalty.floats().put(0, 1);
    topP.floats().put(0, 1);
    entryRows = headInputs.batchView(positions, hiddenSize);
    passRows = headRows.sequenceView(positions * groupSize, width);
  }

  @Override
  float[] fetchHidden(int row, int past, int count) throws OrtException {
    call(row, past, past, count);
    float[] values = new float[count * hiddenSize];
    hidden.floats().get(0, values);
    return values;
  }

  @Override
  protected void call(int row, int past, int headPast, int count) throws OrtException {
    pastLength.ints().put(0, past);
    headPastLength.ints().put(0, past * groupSize);
    headCachedLength.ints().put(0, headPast * groupSize);
    Plan plan = plans.getOrMake(new Range(row, count), this::bind);
    plan.llm().run();
    if (plan.head() != null) {
      plan.head().entry().run();
      plan.head().pass().run();
    }
  }

  private Plan bind(Range range) throws OrtException {
    int count = range.count();
    GraphBinding sharedLlm = graphs.bind(graphs.llm());
    sharedLlm.input("text_ids", textIds, 0, count);
    sharedLlm.input("group_embeddings", embeddings, 0, count);
    sharedLlm.input("input", isAudio, 0, count);
    sharedLlm.input("past_length", pastLength, 0, 1);
    sharedLlm.output("hidden", hidden, 0, count);
    sharedLlm.output("head_inputs", headInputs, 0, count);
    llm.bindPast(sharedLlm, range.row(), 1);
    llm.bindPresent(sharedLlm, "", range.row(), 1);
    if (head == null) {
      return new Plan(sharedLlm, null);
    }
    GraphBinding entry = graphs.bind(graphs.headEntry());
    entry.input("head_inputs", entryRows, 0, count);
    entry.output("head_rows", headRows, 0, count);
    return new Plan(sharedLlm, new HeadRuns(entry, pass(head, range)));
  }

  /** The refined head over all k rows of every position; the id that it chooses is of no use. */
  private GraphBinding pass(KeyValueCache cache, Range range) throws OrtException {
    int count = range.count() * groupSize;
    GraphBinding pass = graphs.bind(graphs.head());
    pass.input("head_rows", passRows, 0, count);
    pass.input("previous_speech_ids", previousIds, 0, count);
    pass.input("past_length", headPastLength, 0, 1);
    pass.input("cached_length", headCachedLength, 0, 1);
    pass.input("speech.seen", seen, 0, 1);
    pass.input("speech.penalty", penalty, 0, 1);
    pass.input("speech.temperature", temperature, 0, 1);
    pass.input("speech.top_p", topP, 0, 1);
    pass.input("speech.uniform", uniform, 0, 1);
    cache.bindPast(pass, range.row(), 1);
    cache.bindPresent(pass, "", range.row(), 1);
    return pass;
  }

  /** Closes its own bindings; the graphs are others' too. */
  @Override
  public void close() {
    plans.close();
  }
}
