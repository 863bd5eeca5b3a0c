package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.onnx.SlotTensor;
import io.antiphon.runtime.onnx.TensorSlices;
import java.nio.FloatBuffer;
import java.util.Map;

/** Caches in the process's own direct memory, for execution providers that compute on the host. */
final class HostKeyValueCache implements KeyValueCache {
  private final String prefix;
  private final int heads;
  private final int capacity;
  private final int headSize;

  /** Keys at even, values at odd indexes; layer = index / 2. */
  private final SlotTensor[] tensors;

  private final FloatBuffer[] floats;
  private final float[] scratch;

  /**
   * @param prefix of the graphs' tensor names: {@code llm} or {@code head}
   * @param capacity positions of one row
   */
  HostKeyValueCache(String prefix, int rows, int layers, int heads, int capacity, int headSize) {
    this.prefix = prefix;
    this.heads = heads;
    this.capacity = capacity;
    this.headSize = headSize;
    this.tensors = new SlotTensor[2 * layers];
    this.floats = new FloatBuffer[2 * layers];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = SlotTensor.batch(OnnxJavaType.FLOAT, rows, heads, capacity, headSize);
      floats[i] = tensors[i].floats();
    }
    this.scratch = new float[capacity * headSize];
  }

  @Override
  public void putPast(Map<String, OnnxTensor> inputs, TensorSlices slices, int start, int count)
      throws OrtException {
    for (int i = 0; i < tensors.length; i++) {
      inputs.put(prefix + ".past_" + kind(i) + "." + i / 2, slices.of(tensors[i], start, count));
    }
  }

  @Override
  public void putPresent(
      Map<String, OnnxTensor> outputs, String pass, TensorSlices slices, int start, int count)
      throws OrtException {
    for (int i = 0; i < tensors.length; i++) {
      outputs.put(
          prefix + ".present_" + kind(i) + "." + pass + i / 2, slices.of(tensors[i], start, count));
    }
  }

  @Override
  public void swap(int rowA, Extent a, int rowB, Extent b) {
    for (FloatBuffer buffer : floats) {
      for (int head = 0; head < heads; head++) {
        int beginA = (rowA * heads + head) * capacity * headSize;
        int beginB = (rowB * heads + head) * capacity * headSize;
        buffer.get(beginA, scratch, 0, a.front() * headSize);
        buffer.get(aside(beginA, a), scratch, a.front() * headSize, a.aside() * headSize);
        buffer.put(beginA, buffer, beginB, b.front() * headSize);
        buffer.put(aside(beginA, b), buffer, aside(beginB, b), b.aside() * headSize);
        buffer.put(beginB, scratch, 0, a.front() * headSize);
        buffer.put(aside(beginB, a), scratch, a.front() * headSize, a.aside() * headSize);
      }
    }
  }

  private int aside(int begin, Extent extent) {
    return begin + (capacity - extent.aside()) * headSize;
  }

  @Override
  public void setAside(int row, Extent extent, int count) {
    int kept = (extent.front() - count) * headSize;
    Extent after = new Extent(extent.front() - count, extent.aside() + count);
    for (FloatBuffer buffer : floats) {
      for (int head = 0; head < heads; head++) {
        int begin = (row * heads + head) * capacity * headSize;
        buffer.get(begin, scratch, 0, extent.front() * headSize);
        buffer.put(begin, scratch, count * headSize, kept);
        buffer.put(aside(begin, after), scratch, 0, count * headSize);
      }
    }
  }

  @Override
  public void takeBack(int row, Extent extent, int count) {
    for (FloatBuffer buffer : floats) {
      for (int head = 0; head < heads; head++) {
        int begin = (row * heads + head) * capacity * headSize;
        buffer.get(aside(begin, extent), scratch, 0, count * headSize);
        buffer.get(begin, scratch, count * headSize, extent.front() * headSize);
        buffer.put(begin, scratch, 0, (count + extent.front()) * headSize);
      }
    }
  }

  @Override
  public long sizeInBytes() {
    long size = 0;
    for (SlotTensor tensor : tensors) {
      size += tensor.sizeInBytes();
    }
    return size;
  }

  private static String kind(int index) {
    return index % 2 == 0 ? "key" : "value";
  }

  /** The memory is the garbage collector's. */
  @Override
  public void close() {}
}
