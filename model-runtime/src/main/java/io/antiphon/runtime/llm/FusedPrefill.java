package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** One variant of the fused prefill graph, in one native call. Not thread safe. */
final class FusedPrefill extends PrefillGraph {
  private final OrtSession session;
  private final KeyValueCache llm;
  private final KeyValueCache head;
  private final SlotTensor pastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final SlotTensor headPastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);

  /**
   * @param head null for a text-only variant
   * @param positions most positions in one call
   */
  FusedPrefill(
      OrtSession session, Manifest manifest, KeyValueCache llm, KeyValueCache head, int positions) {
    super(manifest, positions, OnnxJavaType.BOOL);
    this.session = session;
    this.llm = llm;
    this.head = head;
  }

  @Override
  float[] fetchHidden(int row, int past, int count) throws OrtException {
    try (OrtSession.Result result = call(row, past, past, count, Set.of("hidden"))) {
      return StepGraph.floats(result, "hidden");
    }
  }

  @Override
  protected void call(int row, int past, int headPast, int count) throws OrtException {
    call(row, past, headPast, count, Set.of()).close();
  }

  private OrtSession.Result call(int row, int past, int headPast, int count, Set<String> fetched)
      throws OrtException {
    pastLength.ints().put(0, past);
    headPastLength.ints().put(0, headPast);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    inputs.put("text_ids", slices.of(textIds, 0, count));
    inputs.put("group_embeddings", slices.of(embeddings, 0, count));
    inputs.put("is_audio", slices.of(isAudio, 0, count));
    inputs.put("past_length", slices.of(pastLength, 0, 1));
    llm.putPast(inputs, slices, row, 1);
    llm.putPresent(outputs, "", slices, row, 1);
    if (head != null) {
      inputs.put("head_past_length", slices.of(headPastLength, 0, 1));
      head.putPast(inputs, slices, row, 1);
      head.putPresent(outputs, "", slices, row, 1);
    }
    return session.run(inputs, fetched, outputs);
  }

  @Override
  public void close() throws OrtException {
    super.close();
    session.close();
  }
}
