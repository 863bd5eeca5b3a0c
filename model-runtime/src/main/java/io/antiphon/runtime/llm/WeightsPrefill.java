package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/** Prefill over graphs by weights: the shared LLM, then the refined head. Not thread safe. */
final class WeightsPrefill extends PrefillGraph {
  private final WeightsGraphs graphs;
  private final KeyValueCache llm;
  private final KeyValueCache head;
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

  /**
   * @param head null where only the shared LLM is prefilled
   * @param positions most positions in one call
   */
  WeightsPrefill(
      WeightsGraphs graphs, Manifest manifest, KeyValueCache llm, KeyValueCache head, int positions)
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
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    inputs.put("text_ids", slices.of(textIds, 0, count));
    inputs.put("group_embeddings", slices.of(embeddings, 0, count));
    inputs.put("input", slices.of(isAudio, 0, count));
    inputs.put("past_length", slices.of(pastLength, 0, 1));
    outputs.put("hidden", slices.of(hidden, 0, count));
    outputs.put("head_inputs", slices.of(headInputs, 0, count));
    llm.putPast(inputs, slices, row, 1);
    llm.putPresent(outputs, "", slices, row, 1);
    WeightsGraphs.run(graphs.llm(), inputs, outputs);
    if (head != null) {
      WeightsGraphs.run(
          graphs.headEntry(),
          Map.of("head_inputs", slices.of(entryRows, 0, count)),
          Map.of("head_rows", slices.of(headRows, 0, count)));
      passOver(row, past, headPast, count);
    }
  }

  /** The refined head over all k rows of every position; the id that it chooses is of no use. */
  private void passOver(int row, int past, int headPast, int count) throws OrtException {
    headPastLength.ints().put(0, past * groupSize);
    headCachedLength.ints().put(0, headPast * groupSize);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    inputs.put("head_rows", slices.of(passRows, 0, count * groupSize));
    inputs.put("previous_speech_ids", slices.of(previousIds, 0, count * groupSize));
    inputs.put("past_length", slices.of(headPastLength, 0, 1));
    inputs.put("cached_length", slices.of(headCachedLength, 0, 1));
    inputs.put("speech.seen", slices.of(seen, 0, 1));
    inputs.put("speech.penalty", slices.of(penalty, 0, 1));
    inputs.put("speech.temperature", slices.of(temperature, 0, 1));
    inputs.put("speech.top_p", slices.of(topP, 0, 1));
    inputs.put("speech.uniform", slices.of(uniform, 0, 1));
    head.putPast(inputs, slices, row, 1);
    head.putPresent(outputs, "", slices, row, 1);
    WeightsGraphs.run(graphs.head(), inputs, outputs);
  }
}
