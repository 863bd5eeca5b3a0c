package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.onnx.GraphBinding;

/**
 * The key-value cache of one transformer for all rows: for each layer keys and values {@code [rows,
 * heads, capacity, headSize]}. Graphs append in place: the same tensor is past input and pinned
 * present output. Where it lies is the implementation's own; nobody else reads or writes a value.
 * Not thread safe.
 */
interface KeyValueCache extends AutoCloseable {
  /** Binds rows {@code start ... start + count} as a graph's past inputs. */
  void bindPast(GraphBinding binding, int start, int count) throws OrtException;

  /**
   * Binds them as its present outputs.
   *
   * @param pass infix for a graph with several passes over the cache, such as {@code "3."}; empty
   *     for one
   */
  void bindPresent(GraphBinding binding, String pass, int start, int count) throws OrtException;

  /**
   * What of a row means something: so many entries from its front on, and so many at its end that
   * were {@linkplain #setAside set aside}.
   */
  record Extent(int front, int aside) {
    /** Nothing of the row means anything. */
    boolean isEmpty() {
      return front == 0 && aside == 0;
    }
  }

  /** Exchanges two rows; copies no row of which nothing means anything. */
  void swap(int rowA, Extent a, int rowB, Extent b) throws OrtException;

  /**
   * Sets a row's first {@code count} entries aside, before those that were set aside earlier; the
   * others move to the front.
   */
  void setAside(int row, Extent extent, int count) throws OrtException;

  /** Takes the {@code count} entries that were set aside last back to a row's front. */
  void takeBack(int row, Extent extent, int count) throws OrtException;

  long sizeInBytes();

  @Override
  void close();
}
