package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;

/**
 * The native tensors that one graph has made over row tensors. It keeps those that it used last:
 * without a bound, every range of rows that ever stepped together would stay. Row tensors are
 * shared by graphs on several threads, slices are not: each graph has its own. Not thread safe.
 */
public final class TensorSlices implements AutoCloseable {
  /** Tensors that {@link #trim} leaves: those of a steady load, about 4 MB. */
  static final int KEPT = 8192;

  private record Range(SlotTensor tensor, int start, int count) {}

  private final RecentlyUsed<Range, OnnxTensor> slices =
      new RecentlyUsed<>(KEPT, OnnxTensor::close);

  /**
   * The tensor of rows {@code start ... start + count}; stays valid until the next {@link #trim}.
   */
  public OnnxTensor of(SlotTensor tensor, int start, int count) throws OrtException {
    Range range = new Range(tensor, start, count);
    OnnxTensor slice = slices.get(range);
    if (slice == null) {
      slice = tensor.slice(start, count);
      slices.put(range, slice);
    }
    return slice;
  }

  /** Closes the tensors that were not used for longest; between two runs of the graph only. */
  public void trim() {
    slices.trim();
  }

  @Override
  public void close() {
    slices.close();
  }
}
