package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.RecentlyUsed;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step over graphs by weights: the last group's embedding, the shared LLM, the text id, then the
 * refined head once for each of the k ids. Rows share nothing but the calls, so a row's ids do not
 * depend on the others'. Not thread safe.
 */
final class WeightsStep implements StepGraph {
  private static final String[] TEXT_SAMPLING = {
    "text.seen", "text.penalty", "text.temperature", "text.top_p", "text.uniform"
  };
  private static final String[] SPEECH_SAMPLING = {
    "speech.penalty", "speech.temperature", "speech.top_p"
  };

  /** Ranges whose bindings are kept. */
  private static final int PLANS = 256;

  /**
   * The runs of one range of rows.
   *
   * @param speech null for text only
   */
  private record Plan(GraphBinding llm, GraphBinding textChoice, @Nullable SpeechRuns speech) {
    void close() {
      llm.close();
      textChoice.close();
      if (speech != null) {
        speech.group.close();
        speech.entry.close();
        speech.head.close();
      }
    }
  }

  /** The input of a group, and the refined head. */
  private record SpeechRuns(GraphBinding group, GraphBinding entry, GraphBinding head) {}

  private final WeightsGraphs graphs;
  private final StepTensors tensors;
  private final KeyValueCache llm;
  private final @Nullable KeyValueCache head;
  private final int groupSize;
  private final int codebook;
  private final int headWidth;
  private final RecentlyUsed<Long, Plan> plans = new RecentlyUsed<>(PLANS, Plan::close);

  private final SlotTensor textIds;
  private final SlotTensor inputKind;
  private final SlotTensor groups;
  private final SlotTensor groupRows;
  private final SlotTensor hidden;
  private final SlotTensor hiddenRows;
  private final SlotTensor headInputs;
  private final SlotTensor headInputRows;
  private final SlotTensor headRows;
  private final SlotTensor passRow;
  private final SlotTensor previousId;
  private final SlotTensor nextId;
  private final SlotTensor pastLength;
  private final SlotTensor cachedLength;
  private final SlotTensor seen;
  private final SlotTensor uniform;

  /**
   * @param head null for text only
   */
  WeightsStep(
      WeightsGraphs graphs,
      StepTensors tensors,
      Manifest manifest,
      KeyValueCache llm,
      @Nullable KeyValueCache head)
      throws OrtException {
    this.graphs = graphs;
    this.tensors = tensors;
    this.llm = llm;
    this.head = head;
    this.groupSize = manifest.audio().groupSize();
    this.codebook = manifest.refinedHead().codebookSize();
    this.headWidth = graphs.headWidth();
    int rows = tensors.rows();
    int size = manifest.sharedLlm().hiddenSize();
    textIds = tensors.named("text_ids").batchView(rows, 1);
    inputKind = SlotTensor.batch(OnnxJavaType.UINT8, rows, 1);
    groups = SlotTensor.batch(OnnxJavaType.FLOAT, rows, size);
    groupRows = groups.batchView(rows, 1, size);
    hidden = SlotTensor.batch(OnnxJavaType.FLOAT, rows, 1, size);
    hiddenRows = hidden.batchView(rows, size);
    headInputs = SlotTensor.batch(OnnxJavaType.FLOAT, rows, 1, size);
    headInputRows = headInputs.batchView(rows, size);
    headRows = SlotTensor.batch(OnnxJavaType.FLOAT, rows, groupSize, headWidth);
    passRow = SlotTensor.batch(OnnxJavaType.FLOAT, rows, 1, headWidth);
    previousId = SlotTensor.batch(OnnxJavaType.INT64, rows, 1);
    nextId = SlotTensor.batch(OnnxJavaType.INT64, rows);
    pastLength = SlotTensor.batch(OnnxJavaType.INT32, rows);
    cachedLength = SlotTensor.batch(OnnxJavaType.INT32, rows);
    seen = SlotTensor.batch(OnnxJavaType.UINT8, rows, codebook);
    uniform = SlotTensor.batch(OnnxJavaType.FLOAT, rows, 1);
  }

  @Override
  public void run(int start, int count) throws OrtException {
    Plan plan = plan(start, count);
    sharedLlm(plan, start, count);
    plan.textChoice().run();
    if (plan.speech() != null) {
      chooseSpeech(plan.speech(), start, count);
    }
  }

  @Override
  public float[] textLogits(int row) throws OrtException {
    Plan plan = plan(row, 1);
    sharedLlm(plan, row, 1);
    SlotTensor logits = SlotTensor.batch(OnnxJavaType.FLOAT, 1, tensors.textVocabulary());
    try (GraphBinding choice = textChoice(row, 1)) {
      choice.output("text_logits", logits, 0, 1).run();
    }
    float[] values = new float[tensors.textVocabulary()];
    logits.floats().get(0, values);
    return values;
  }

  private Plan plan(int start, int count) throws OrtException {
    return plans.getOrMake((long) start << 32 | count, range -> bind(start, count));
  }

  private Plan bind(int start, int count) throws OrtException {
    return new Plan(
        llm(start, count),
        textChoice(start, count),
        head == null
            ? null
            : new SpeechRuns(
                speechGroup(start, count), headEntry(start, count), pass(head, start, count)));
  }

  /**
   * Of how many rows on the first and the last row come out as they do among all {@code rows}, bit
   * for bit: the shared LLM's output, the refined head's input and all ids. Kernels are chosen by
   * the processor, and some have one of their own for a row alone, so this is measured. What it
   * writes into the caches is overwritten by whoever gets the rows.
   *
   * @param rows to step together
   * @return 1, 2, or 0 where neither a row alone nor a pair comes out so
   */
  int exactFrom(int rows) throws OrtException {
    for (int row = 0; row < rows; row++) {
      tensors.position(row, row + 1, 0, 0);
      int[] group = new int[groupSize];
      Arrays.fill(group, row + 1);
      tensors.speech(row, group, row + 1);
    }
    List<Seen> together = edges(rows, rows);
    int exact = 0;
    for (int few = Math.min(2, rows); few >= 1 && edges(few, rows).equals(together); few--) {
      exact = few;
    }
    for (int row = 0; row < rows; row++) {
      tensors.position(row, 0, 0, 0);
      tensors.speech(row, null, 0);
    }
    return exact;
  }

  /** The first and the last of {@code rows}, each stepped among {@code few}. */
  private List<Seen> edges(int few, int rows) throws OrtException {
    run(0, few);
    Seen first = seen(0);
    run(rows - few, few);
    return List.of(first, seen(rows - 1));
  }

  /** What a step leaves for one row. */
  private record Seen(List<Float> hidden, List<Float> headRows, List<Integer> ids) {}

  private Seen seen(int row) {
    List<Integer> ids = new ArrayList<>();
    ids.add(tensors.nextTextId(row));
    for (int id : tensors.nextSpeechIds(row)) {
      ids.add(id);
    }
    return new Seen(values(hidden, row), values(headRows, row), ids);
  }

  /** Equal only where the bits are, unlike the primitive numbers. */
  private static List<Float> values(SlotTensor tensor, int row) {
    List<Float> values = new ArrayList<>();
    FloatBuffer floats = tensor.floats();
    int size = Math.toIntExact(tensor.rowBytes() / Float.BYTES);
    for (int i = row * size; i < (row + 1) * size; i++) {
      values.add(floats.get(i));
    }
    return values;
  }

  private void sharedLlm(Plan plan, int start, int count) throws OrtException {
    if (embedGroups(start, count) && plan.speech() != null) {
      plan.speech().group().run();
    }
    plan.llm().run();
  }

  private GraphBinding speechGroup(int start, int count) throws OrtException {
    GraphBinding binding = graphs.bind(graphs.speechGroup());
    binding.input("speech_group", tensors.named("speech_group"), start, count);
    binding.output("group_embeddings", groups, start, count);
    return binding;
  }

  private GraphBinding llm(int start, int count) throws OrtException {
    GraphBinding binding = graphs.bind(graphs.llm());
    binding.input("text_ids", textIds, start, count);
    binding.input("group_embeddings", groupRows, start, count);
    binding.input("input", inputKind, start, count);
    binding.input("past_length", tensors.named("past_length"), start, count);
    binding.output("hidden", hidden, start, count);
    binding.output("head_inputs", headInputs, start, count);
    llm.bindPast(binding, start, count);
    llm.bindPresent(binding, "", start, count);
    return binding;
  }

  /** Marks the rows whose input has a group in it; false when there is none. */
  private boolean embedGroups(int start, int count) {
    ByteBuffer kinds = inputKind.bytes();
    ByteBuffer hasGroup = tensors.named("has_group").bytes();
    boolean any = false;
    for (int row = start; row < start + count; row++) {
      boolean both = head != null && hasGroup.get(row) != 0;
      kinds.put(row, both ? WeightsGraphs.BOTH : 0);
      any |= both;
    }
    return any;
  }

  private GraphBinding textChoice(int start, int count) throws OrtException {
    GraphBinding binding = graphs.bind(graphs.textChoice());
    binding.input("hidden", hiddenRows, start, count);
    for (String name : TEXT_SAMPLING) {
      binding.input(name, tensors.named(name), start, count);
    }
    binding.output("next_text_id", tensors.named("next_text_id"), start, count);
    return binding;
  }

  private GraphBinding headEntry(int start, int count) throws OrtException {
    GraphBinding binding = graphs.bind(graphs.headEntry());
    binding.input("head_inputs", headInputRows, start, count);
    binding.output("head_rows", headRows, start, count);
    return binding;
  }

  private void chooseSpeech(SpeechRuns runs, int start, int count) throws OrtException {
    runs.entry().run();
    ByteBuffer before = tensors.named("speech.seen").bytes();
    seen.bytes().put(start * codebook, before, start * codebook, count * codebook);
    LongBuffer previous = tensors.named("previous_speech_id").longs();
    LongBuffer chosen = tensors.named("next_speech_ids").longs();
    for (int pass = 0; pass < groupSize; pass++) {
      for (int row = start; row < start + count; row++) {
        fill(row, pass, previous.get(row));
      }
      runs.head().run();
      previous = nextId.longs();
      for (int row = start; row < start + count; row++) {
        long id = previous.get(row);
        chosen.put(row * groupSize + pass, id);
        // Ids of the present group count as seen.
        seen.bytes().put(row * codebook + (int) id, (byte) 1);
      }
    }
  }

  private void fill(int row, int pass, long previous) {
    FloatBuffer rows = headRows.floats();
    passRow.floats().put(row * headWidth, rows, (row * groupSize + pass) * headWidth, headWidth);
    previousId.longs().put(row, previous);
    IntBuffer past = tensors.named("past_length").ints();
    IntBuffer headPast = tensors.named("head_past_length").ints();
    pastLength.ints().put(row, past.get(row) * groupSize + pass);
    cachedLength.ints().put(row, headPast.get(row) * groupSize + pass);
    FloatBuffer uniforms = tensors.named("speech.uniform").floats();
    uniform.floats().put(row, uniforms.get(row * groupSize + pass));
  }

  /** One of the k passes of the refined head. */
  private GraphBinding pass(KeyValueCache cache, int start, int count) throws OrtException {
    GraphBinding binding = graphs.bind(graphs.head());
    binding.input("head_rows", passRow, start, count);
    binding.input("previous_speech_ids", previousId, start, count);
    binding.input("past_length", pastLength, start, count);
    binding.input("cached_length", cachedLength, start, count);
    binding.input("speech.seen", seen, start, count);
    binding.input("speech.uniform", uniform, start, count);
    for (String name : SPEECH_SAMPLING) {
      binding.input(name, tensors.named(name), start, count);
    }
    cache.bindPast(binding, start, count);
    binding.output("next_speech_id", nextId, start, count);
    cache.bindPresent(binding, "", start, count);
    return binding;
  }

  /** Closes its own bindings; the graphs are others' too. */
  @Override
  public void close() {
    plans.close();
  }
}
