package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import io.antiphon.runtime.onnx.TensorSlices;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  private final WeightsGraphs graphs;
  private final StepTensors tensors;
  private final KeyValueCache llm;
  private final KeyValueCache head;
  private final int groupSize;
  private final int codebook;
  private final int headWidth;
  private final TensorSlices slices = new TensorSlices();

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
      KeyValueCache head)
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
    textIds = tensors.find("text_ids").batchView(rows, 1);
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
    sharedLlm(start, count);
    chooseText(start, count, Set.of()).close();
    if (head != null) {
      chooseSpeech(start, count);
    }
  }

  @Override
  public float[] fetch(int row, String output) throws OrtException {
    sharedLlm(row, 1);
    try (OrtSession.Result result = chooseText(row, 1, Set.of(output))) {
      return StepGraph.floats(result, output);
    }
  }

  /**
   * Whether the first row comes out the same alone and with others beside it, bit for bit: the
   * shared LLM's output, the refined head's input and all ids. Kernels are chosen by the processor,
   * so this is measured. What it writes into the caches is overwritten by whoever gets the rows.
   *
   * @param rows to step together
   */
  boolean rowsExact(int rows) throws OrtException {
    for (int row = 0; row < rows; row++) {
      tensors.position(row, row + 1, 0, 0);
      int[] group = new int[groupSize];
      Arrays.fill(group, row + 1);
      tensors.speech(row, group, row + 1);
    }
    Seen alone = firstRow(1);
    Seen together = firstRow(rows);
    for (int row = 0; row < rows; row++) {
      tensors.position(row, 0, 0, 0);
      tensors.speech(row, null, 0);
    }
    return alone.equals(together);
  }

  /** What a step leaves for the first row. */
  private record Seen(List<Float> hidden, List<Float> headRows, List<Integer> ids) {}

  private Seen firstRow(int count) throws OrtException {
    run(0, count);
    List<Integer> ids = new ArrayList<>();
    ids.add(tensors.nextTextId(0));
    for (int id : tensors.nextSpeechIds(0)) {
      ids.add(id);
    }
    return new Seen(first(hidden), first(headRows), ids);
  }

  /** Equal only where the bits are, unlike the primitive numbers. */
  private static List<Float> first(SlotTensor tensor) {
    List<Float> values = new ArrayList<>();
    FloatBuffer floats = tensor.floats();
    for (int i = 0; i < tensor.rowBytes() / Float.BYTES; i++) {
      values.add(floats.get(i));
    }
    return values;
  }

  private void sharedLlm(int start, int count) throws OrtException {
    slices.trim();
    if (embedGroups(start, count)) {
      WeightsGraphs.run(
          graphs.speechGroup(),
          Map.of("speech_group", slices.of(tensors.find("speech_group"), start, count)),
          Map.of("group_embeddings", slices.of(groups, start, count)));
    }
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    inputs.put("text_ids", slices.of(textIds, start, count));
    inputs.put("group_embeddings", slices.of(groupRows, start, count));
    inputs.put("input", slices.of(inputKind, start, count));
    inputs.put("past_length", slices.of(tensors.find("past_length"), start, count));
    outputs.put("hidden", slices.of(hidden, start, count));
    outputs.put("head_inputs", slices.of(headInputs, start, count));
    llm.putPast(inputs, slices, start, count);
    llm.putPresent(outputs, "", slices, start, count);
    WeightsGraphs.run(graphs.llm(), inputs, outputs);
  }

  /** Marks the rows whose input has a group in it; false when there is none. */
  private boolean embedGroups(int start, int count) {
    ByteBuffer kinds = inputKind.bytes();
    ByteBuffer hasGroup = tensors.find("has_group").bytes();
    boolean any = false;
    for (int row = start; row < start + count; row++) {
      boolean both = head != null && hasGroup.get(row) != 0;
      kinds.put(row, both ? WeightsGraphs.BOTH : 0);
      any |= both;
    }
    return any;
  }

  private OrtSession.Result chooseText(int start, int count, Set<String> fetched)
      throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    inputs.put("hidden", slices.of(hiddenRows, start, count));
    for (String name : TEXT_SAMPLING) {
      inputs.put(name, slices.of(tensors.find(name), start, count));
    }
    OnnxTensor next = slices.of(tensors.find("next_text_id"), start, count);
    return graphs.textChoice().run(inputs, fetched, Map.of("next_text_id", next));
  }

  private void chooseSpeech(int start, int count) throws OrtException {
    WeightsGraphs.run(
        graphs.headEntry(),
        Map.of("head_inputs", slices.of(headInputRows, start, count)),
        Map.of("head_rows", slices.of(headRows, start, count)));
    ByteBuffer before = tensors.find("speech.seen").bytes();
    seen.bytes().put(start * codebook, before, start * codebook, count * codebook);
    LongBuffer previous = tensors.find("previous_speech_id").longs();
    LongBuffer chosen = tensors.find("next_speech_ids").longs();
    for (int pass = 0; pass < groupSize; pass++) {
      for (int row = start; row < start + count; row++) {
        fill(row, pass, previous.get(row));
      }
      WeightsGraphs.run(graphs.head(), passInputs(start, count), passOutputs(start, count));
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
    IntBuffer past = tensors.find("past_length").ints();
    IntBuffer headPast = tensors.find("head_past_length").ints();
    pastLength.ints().put(row, past.get(row) * groupSize + pass);
    cachedLength.ints().put(row, headPast.get(row) * groupSize + pass);
    FloatBuffer uniforms = tensors.find("speech.uniform").floats();
    uniform.floats().put(row, uniforms.get(row * groupSize + pass));
  }

  private Map<String, OnnxTensor> passInputs(int start, int count) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    inputs.put("head_rows", slices.of(passRow, start, count));
    inputs.put("previous_speech_ids", slices.of(previousId, start, count));
    inputs.put("past_length", slices.of(pastLength, start, count));
    inputs.put("cached_length", slices.of(cachedLength, start, count));
    inputs.put("speech.seen", slices.of(seen, start, count));
    inputs.put("speech.uniform", slices.of(uniform, start, count));
    for (String name : SPEECH_SAMPLING) {
      inputs.put(name, slices.of(tensors.find(name), start, count));
    }
    head.putPast(inputs, slices, start, count);
    return inputs;
  }

  private Map<String, OnnxTensor> passOutputs(int start, int count) throws OrtException {
    Map<String, OnnxTensor> outputs = new HashMap<>();
    outputs.put("next_speech_id", slices.of(nextId, start, count));
    head.putPresent(outputs, "", slices, start, count);
    return outputs;
  }

  /** Closes its own tensors; the graphs are others' too. */
  @Override
  public void close() {
    slices.close();
  }
}
