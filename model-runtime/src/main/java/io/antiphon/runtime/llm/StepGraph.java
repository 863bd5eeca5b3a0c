package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Optional;

/**
 * A decoding step for a range of rows: a shared-LLM position, k refined-head passes unless text
 * only, and the choice of every id. Takes and leaves its values in {@link StepTensors}. Not thread
 * safe.
 */
interface StepGraph extends AutoCloseable {
  /** Steps rows {@code start ... start + count}. */
  void run(int start, int count) throws OrtException;

  /** Steps one row and fetches another output, such as {@code text_logits}; for comparisons. */
  float[] fetch(int row, String output) throws OrtException;

  @Override
  void close() throws OrtException;

  /** The values of an output that was fetched. */
  static float[] floats(OrtSession.Result result, String output) {
    Optional<OnnxValue> value = result.get(output);
    var buffer = ((OnnxTensor) value.orElseThrow()).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
