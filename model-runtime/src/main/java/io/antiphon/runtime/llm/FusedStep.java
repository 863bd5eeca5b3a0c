package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.RecentlyUsed;
import io.antiphon.runtime.onnx.SlotTensor;
import org.jspecify.annotations.Nullable;

/**
 * One variant of the fused step graph: a shared-LLM position, k refined-head passes unless text
 * only, and sampling in one native call on tensors that exist already. Not thread safe.
 */
final class FusedStep implements StepGraph {
  /** Ranges whose bindings are kept; far more than a steady load uses. */
  private static final int PLANS = 512;

  private final OrtSession session;
  private final boolean onHost;
  private final StepTensors tensors;
  private final KeyValueCache llm;
  private final @Nullable KeyValueCache head;
  private final int passes;
  private final RecentlyUsed<Long, GraphBinding> plans =
      new RecentlyUsed<>(PLANS, GraphBinding::close);

  /**
   * @param onHost whether the session computes on the processor
   * @param head null for a text-only variant
   * @param passes refined-head passes, each with present outputs of its own that are all pinned to
   *     the same buffers
   */
  FusedStep(
      OrtSession session,
      boolean onHost,
      StepTensors tensors,
      KeyValueCache llm,
      @Nullable KeyValueCache head,
      int passes) {
    this.session = session;
    this.onHost = onHost;
    this.tensors = tensors;
    this.llm = llm;
    this.head = head;
    this.passes = passes;
  }

  @Override
  public void run(int start, int count) throws OrtException {
    plans.getOrMake((long) start << 32 | count, range -> bind(start, count)).run();
  }

  @Override
  public float[] textLogits(int row) throws OrtException {
    SlotTensor logits = SlotTensor.batch(OnnxJavaType.FLOAT, 1, tensors.textVocabulary());
    try (GraphBinding binding = bind(row, 1)) {
      binding.output("text_logits", logits, 0, 1).run();
    }
    float[] values = new float[tensors.textVocabulary()];
    logits.floats().get(0, values);
    return values;
  }

  private GraphBinding bind(int start, int count) throws OrtException {
    GraphBinding binding = new GraphBinding(session, onHost);
    llm.bindPast(binding, start, count);
    llm.bindPresent(binding, "", start, count);
    if (head != null) {
      head.bindPast(binding, start, count);
      for (int pass = 0; pass < passes; pass++) {
        head.bindPresent(binding, pass + ".", start, count);
      }
    }
    for (String name : session.getInputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        binding.input(name, tensor, start, count);
      }
    }
    for (String name : session.getOutputNames()) {
      SlotTensor tensor = tensors.find(name);
      if (tensor != null) {
        binding.output(name, tensor, start, count);
      }
    }
    return binding;
  }

  @Override
  public void close() throws OrtException {
    plans.close();
    session.close();
  }
}
