package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.RecentlyUsed;
import io.antiphon.runtime.onnx.SlotTensor;
import org.jspecify.annotations.Nullable;

/** One variant of the fused prefill graph, in one native call. Not thread safe. */
final class FusedPrefill extends PrefillGraph {
  /** Rows and lengths whose bindings are kept. */
  private static final int PLANS = 512;

  private record Range(int row, int count) {}

  private final OrtSession session;
  private final boolean onHost;
  private final KeyValueCache llm;
  private final @Nullable KeyValueCache head;
  private final int hiddenSize;
  private final SlotTensor pastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final SlotTensor headPastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
  private final RecentlyUsed<Range, GraphBinding> plans =
      new RecentlyUsed<>(PLANS, GraphBinding::close);

  /**
   * @param onHost whether the session computes on the processor
   * @param head null for a text-only variant
   * @param positions most positions in one call
   */
  FusedPrefill(
      OrtSession session,
      boolean onHost,
      Manifest manifest,
      KeyValueCache llm,
      @Nullable KeyValueCache head,
      int positions) {
    super(manifest, positions, OnnxJavaType.BOOL);
    this.session = session;
    this.onHost = onHost;
    this.llm = llm;
    this.head = head;
    this.hiddenSize = manifest.sharedLlm().hiddenSize();
  }

  @Override
  float[] fetchHidden(int row, int past, int count) throws OrtException {
    fill(past, past);
    SlotTensor hidden = SlotTensor.sequence(OnnxJavaType.FLOAT, count, hiddenSize);
    try (GraphBinding binding = bind(new Range(row, count))) {
      binding.output("hidden", hidden, 0, count).run();
    }
    float[] values = new float[count * hiddenSize];
    hidden.floats().get(0, values);
    return values;
  }

  @Override
  protected void call(int row, int past, int headPast, int count) throws OrtException {
    fill(past, headPast);
    plans.getOrMake(new Range(row, count), this::bind).run();
  }

  private void fill(int past, int headPast) {
    pastLength.ints().put(0, past);
    headPastLength.ints().put(0, headPast);
  }

  private GraphBinding bind(Range range) throws OrtException {
    GraphBinding binding = new GraphBinding(session, onHost);
    int count = range.count();
    binding.input("text_ids", textIds, 0, count);
    binding.input("group_embeddings", embeddings, 0, count);
    binding.input("is_audio", isAudio, 0, count);
    binding.input("past_length", pastLength, 0, 1);
    llm.bindPast(binding, range.row(), 1);
    llm.bindPresent(binding, "", range.row(), 1);
    if (head != null) {
      binding.input("head_past_length", headPastLength, 0, 1);
      head.bindPast(binding, range.row(), 1);
      head.bindPresent(binding, "", range.row(), 1);
    }
    return binding;
  }

  @Override
  public void close() throws OrtException {
    plans.close();
    session.close();
  }
}
