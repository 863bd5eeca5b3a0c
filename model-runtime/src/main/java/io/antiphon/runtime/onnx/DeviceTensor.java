package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import com.sun.jna.Pointer;

/**
 * Rows {@code [rows, ...shape]} in a {@link DeviceMemory}, of any size. Whoever writes rows sees to
 * it that nobody else uses them meanwhile; the rest is thread safe.
 */
public final class DeviceTensor implements RowTensor, AutoCloseable {
  private final DeviceMemory memory;
  private final OnnxJavaType type;
  private final int rows;
  private final long[] shape;
  private final long rowBytes;
  private final Pointer whole;
  private final Pointer data;
  private boolean closed;

  /**
   * @param poisoned whether new memory is filled with NaN
   */
  DeviceTensor(DeviceMemory memory, OnnxJavaType type, int rows, boolean poisoned, long... shape)
      throws OrtException {
    this.memory = memory;
    this.type = type;
    this.rows = rows;
    this.shape = shape.clone();
    long row = type.size;
    for (long size : shape) {
      row = Math.multiplyExact(row, size);
    }
    this.rowBytes = row;
    this.whole = memory.tensor(shape(rows), type, sizeInBytes(), poisoned);
    this.data = CInterface.data(whole);
  }

  @Override
  public Pointer value(int start, int count) throws OrtException {
    return CInterface.tensorOver(
        memory.info(),
        data.share(start * rowBytes),
        count * rowBytes,
        shape(count),
        TensorTypes.code(type));
  }

  private long[] shape(int count) {
    long[] sliced = new long[shape.length + 1];
    sliced[0] = count;
    System.arraycopy(shape, 0, sliced, 1, shape.length);
    return sliced;
  }

  @Override
  public boolean onHost() {
    return memory.onHost();
  }

  public long sizeInBytes() {
    return rowBytes * rows;
  }

  /** Gives the memory back at once; more than once is once. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      memory.release(whole, sizeInBytes());
    }
  }
}
