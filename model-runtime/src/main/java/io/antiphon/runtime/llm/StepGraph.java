package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;

/**
 * A decoding step for a range of rows: a shared-LLM position, k refined-head passes unless text
 * only, and the choice of every id. Takes and leaves its values in {@link StepTensors}. Not thread
 * safe.
 */
interface StepGraph extends AutoCloseable {
  /** Steps rows {@code start ... start + count}. */
  void run(int start, int count) throws OrtException;

  /** Steps one row and gives the text head's logits, one for each text id; for comparisons. */
  float[] textLogits(int row) throws OrtException;

  @Override
  void close() throws OrtException;
}
