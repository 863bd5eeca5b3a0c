package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.onnx.SlotTensor;
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

  private record Plan(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

  private final OrtSession session;
  private final StepTensors tensors;
  private final KeyValueCache llm;
  private final KeyValueCache head;
  private final int passes;
  private final Map<Long, Plan> plans = new HashMap<>();

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
      if (plans.size() >= PLANS) {
        plans.clear();
      }
      plan = bind(start, count);
      plans.put(key, plan);
    }
    return plan;
  }

  private Plan bind(int start, int count) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    llm.putPast(inputs, start, count);
    llm.putPresent(outputs, "", start, count);
    if (head != null) {
      head.putPast(inputs, start, count);
      for (int pass = 0; pass < passes; pass++) {
        head.putPresent(outputs, pass + ".", start, count);
      }
    }
    for (String name : session.getInputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        inputs.put(name, tensor.slice(start, count));
      }
    }
    for (String name : session.getOutputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        outputs.put(name, tensor.slice(start, count));
      }
    }
    return new Plan(inputs, outputs);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
