package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.onnx.TensorSlices;
import java.util.Map;

/**
 * The key-value cache of one transformer for all rows: for each layer keys and values {@code [rows,
 * heads, capacity, headSize]}. Graphs append in place: the same tensor is past input and pinned
 * present output. Where it lies is the implementation's own; nobody else reads or writes a value.
 * Not thread safe.
 */
interface KeyValueCache extends AutoCloseable {
  /**
   * Puts the past inputs of rows {@code start ... start + count} into {@code inputs}.
   *
   * @param slices of the graph that takes them
   */
  void putPast(Map<String, OnnxTensor> inputs, TensorSlices slices, int start, int count)
      throws OrtException;

  /**
   * Puts the present outputs into {@code outputs}.
   *
   * @param pass infix for a graph with several passes over the cache, such as {@code "3."}; empty
   *     for one
   */
  void putPresent(
      Map<String, OnnxTensor> outputs, String pass, TensorSlices slices, int start, int count)
      throws OrtException;

  /**
   * What of a row means something: so many entries from its front on, and so many at its end that
   * were {@linkplain #setAside set aside}.
   */
  record Extent(int front, int aside) {}

  /** Exchanges two rows; copies only what means something. */
  void swap(int rowA, Extent a, int rowB, Extent b);

  /**
   * Sets a row's first {@code count} entries aside, before those that were set aside earlier; the
   * others move to the front.
   */
  void setAside(int row, Extent extent, int count);

  /** Takes the {@code count} entries that were set aside last back to a row's front. */
  void takeBack(int row, Extent extent, int count);

  long sizeInBytes();

  @Override
  void close();
}
