package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.onnx.RecentlyUsed;
import io.antiphon.runtime.onnx.SlotTensor;
import io.antiphon.runtime.onnx.TensorSlices;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One variant of the fused step graph: a shared-LLM position, k refined-head passes unless text
 * only, and sampling in one native call on tensors that exist already. Not thread safe.
 */
final class FusedStep implements StepGraph {
  /** Ranges whose bindings are kept; far more than a steady load uses. */
  private static final int PLANS = 512;

  /** The bindings of one range of rows, with the native tensors that are theirs alone. */
  private record Plan(
      Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs, TensorSlices slices) {}

  private final OrtSession session;
  private final StepTensors tensors;
  private final KeyValueCache llm;
  private final KeyValueCache head;
  private final int passes;
  private final RecentlyUsed<Long, Plan> plans =
      new RecentlyUsed<>(PLANS, plan -> plan.slices().close());

  /**
   * @param head null for a text-only variant
   * @param passes refined-head passes, each with present outputs of its own that are all pinned to
   *     the same buffers
   */
  FusedStep(
      OrtSession session, StepTensors tensors, KeyValueCache llm, KeyValueCache head, int passes) {
    this.session = session;
    this.tensors = tensors;
    this.llm = llm;
    this.head = head;
    this.passes = passes;
  }

  @Override
  public void run(int start, int count) throws OrtException {
    Plan plan = plan(start, count);
    session.run(plan.inputs(), Set.of(), plan.outputs()).close();
  }

  @Override
  public float[] fetch(int row, String output) throws OrtException {
    Plan plan = plan(row, 1);
    try (OrtSession.Result result = session.run(plan.inputs(), Set.of(output), plan.outputs())) {
      return StepGraph.floats(result, output);
    }
  }

  private Plan plan(int start, int count) throws OrtException {
    long key = (long) start << 32 | count;
    Plan plan = plans.get(key);
    if (plan == null) {
      plan = bind(start, count);
      plans.put(key, plan);
      plans.trim();
    }
    return plan;
  }

  private Plan bind(int start, int count) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    TensorSlices slices = new TensorSlices();
    llm.putPast(inputs, slices, start, count);
    llm.putPresent(outputs, "", slices, start, count);
    if (head != null) {
      head.putPast(inputs, slices, start, count);
      for (int pass = 0; pass < passes; pass++) {
        head.putPresent(outputs, pass + ".", slices, start, count);
      }
    }
    for (String name : session.getInputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        inputs.put(name, slices.of(tensor, start, count));
      }
    }
    for (String name : session.getOutputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        outputs.put(name, slices.of(tensor, start, count));
      }
    }
    return new Plan(inputs, outputs, slices);
  }

  @Override
  public void close() throws OrtException {
    plans.close();
    session.close();
  }
}
