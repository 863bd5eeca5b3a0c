package io.antiphon.runtime.onnx;

import ai.onnxruntime.OrtException;
import com.sun.jna.Pointer;

/** Memory {@code [rows, ...shape]} of which any range of rows is a tensor without a copy. */
public sealed interface RowTensor permits SlotTensor, DeviceTensor {
  /**
   * A new value of the library over rows {@code start ... start + count}; whoever asks releases it.
   */
  Pointer value(int start, int count) throws OrtException;

  /** Whether the processor reads and writes this memory. */
  boolean onHost();
}
