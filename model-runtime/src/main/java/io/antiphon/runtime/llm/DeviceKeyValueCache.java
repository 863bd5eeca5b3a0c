package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.onnx.DeviceMemory;
import io.antiphon.runtime.onnx.DeviceTensor;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.LongBuffer;

/** Caches in the memory of the device that computes. Entries are moved there too, by a graph. */
final class DeviceKeyValueCache implements KeyValueCache {
  private final String prefix;
  private final CacheMover mover;
  private final int capacity;

  /** Keys at even, values at odd indexes; layer = index / 2. */
  private final DeviceTensor[] tensors;

  /** A row beside the others. */
  private final DeviceTensor aside;

  /** Where each entry of a row is when none moves. */
  private final SlotTensor inPlace;

  /** Where each entry of a rotated row was. */
  private final SlotTensor rotated;

  /**
   * @param prefix of the graphs' tensor names: {@code llm} or {@code head}
   * @param capacity positions of one row
   */
  DeviceKeyValueCache(
      String prefix,
      DeviceMemory memory,
      CacheMover mover,
      int rows,
      int layers,
      int heads,
      int capacity,
      int headSize)
      throws OrtException {
    this.prefix = prefix;
    this.mover = mover;
    this.capacity = capacity;
    this.tensors = new DeviceTensor[2 * layers];
    this.inPlace = SlotTensor.batch(OnnxJavaType.INT64, capacity);
    this.rotated = SlotTensor.batch(OnnxJavaType.INT64, capacity);
    LongBuffer entries = inPlace.longs();
    for (int entry = 0; entry < capacity; entry++) {
      entries.put(entry, entry);
    }
    try {
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = memory.allocate(OnnxJavaType.FLOAT, rows, heads, capacity, headSize);
      }
      aside = memory.allocate(OnnxJavaType.FLOAT, 1, heads, capacity, headSize);
    } catch (OrtException e) {
      close();
      throw e;
    }
  }

  @Override
  public void bindPast(GraphBinding binding, int start, int count) throws OrtException {
    for (int i = 0; i < tensors.length; i++) {
      binding.input(prefix + ".past_" + kind(i) + "." + i / 2, tensors[i], start, count);
    }
  }

  @Override
  public void bindPresent(GraphBinding binding, String pass, int start, int count)
      throws OrtException {
    for (int i = 0; i < tensors.length; i++) {
      binding.output(prefix + ".present_" + kind(i) + "." + pass + i / 2, tensors[i], start, count);
    }
  }

  @Override
  public void swap(int rowA, Extent a, int rowB, Extent b) throws OrtException {
    for (DeviceTensor tensor : tensors) {
      if (b.isEmpty()) {
        mover.move(tensor, rowA, inPlace, tensor, rowB);
      } else if (a.isEmpty()) {
        mover.move(tensor, rowB, inPlace, tensor, rowA);
      } else {
        mover.move(tensor, rowA, inPlace, aside, 0);
        mover.move(tensor, rowB, inPlace, tensor, rowA);
        mover.move(aside, 0, inPlace, tensor, rowB);
      }
    }
  }

  @Override
  public void setAside(int row, Extent extent, int count) throws OrtException {
    rotate(row, count, capacity - extent.aside());
  }

  @Override
  public void takeBack(int row, Extent extent, int count) throws OrtException {
    int begin = capacity - extent.aside();
    rotate(row, begin, begin + count);
  }

  /** Puts a row's entries {@code [0, middle)} behind its entries {@code [middle, end)}. */
  private void rotate(int row, int middle, int end) throws OrtException {
    LongBuffer entries = rotated.longs();
    for (int entry = 0; entry < capacity; entry++) {
      entries.put(entry, entry < end ? (entry + middle) % end : entry);
    }
    for (DeviceTensor tensor : tensors) {
      mover.move(tensor, row, rotated, aside, 0);
      mover.move(aside, 0, inPlace, tensor, row);
    }
  }

  @Override
  public long sizeInBytes() {
    long size = 0;
    for (DeviceTensor tensor : tensors) {
      size += tensor.sizeInBytes();
    }
    return size;
  }

  private static String kind(int index) {
    return index % 2 == 0 ? "key" : "value";
  }

  @Override
  public void close() {
    for (DeviceTensor tensor : tensors) {
      if (tensor != null) {
        tensor.close();
      }
    }
    if (aside != null) {
      aside.close();
    }
  }
}
