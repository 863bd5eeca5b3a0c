package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.antiphon.configuration.ConfigurationException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * One direct buffer {@code [rows, ...shape]}. Any range of rows is a tensor without a copy. Whoever
 * writes the memory sees to it that nobody else uses those rows meanwhile; the rest is thread safe.
 */
public final class SlotTensor implements RowTensor {
  private final OnnxJavaType type;
  private final int rows;
  private final long[] shape;
  private final boolean sequence;
  private final int rowBytes;
  private final ByteBuffer bytes;

  private SlotTensor(OnnxJavaType type, int rows, boolean sequence, long... shape) {
    this.type = type;
    this.rows = rows;
    this.shape = shape;
    this.sequence = sequence;
    long row = type.size;
    for (long size : shape) {
      row = Math.multiplyExact(row, size);
    }
    if (row * rows > Integer.MAX_VALUE) {
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "rows is "
                  + rows
                  + " of "
                  + row
                  + " bytes each in one tensor, expected at most 2 GiB together: fewer rows or positionsPerRow"));
    }
    this.rowBytes = (int) row;
    this.bytes = ByteBuffer.allocateDirect(rowBytes * rows).order(ByteOrder.nativeOrder());
  }

  /** A buffer whose first dimension is the batch: slices have shape {@code [count, ...shape]}. */
  public static SlotTensor batch(OnnxJavaType type, int rows, long... shape) {
    return new SlotTensor(type, rows, false, shape);
  }

  /** A buffer of positions of one row: slices have shape {@code [1, count, ...shape]}. */
  public static SlotTensor sequence(OnnxJavaType type, int positions, long... shape) {
    return new SlotTensor(type, positions, true, shape);
  }

  /**
   * The same memory as rows of another shape.
   *
   * @throws IllegalArgumentException when the sizes do not agree
   */
  public SlotTensor batchView(int rows, long... shape) {
    return new SlotTensor(this, rows, false, shape);
  }

  /** The same memory as positions of one row. */
  public SlotTensor sequenceView(int positions, long... shape) {
    return new SlotTensor(this, positions, true, shape);
  }

  private SlotTensor(SlotTensor other, int rows, boolean sequence, long... shape) {
    long row = other.type.size;
    for (long size : shape) {
      row = Math.multiplyExact(row, size);
    }
    if (row * rows != other.bytes.capacity()) {
      throw new IllegalArgumentException(
          "a view has " + row * rows + " bytes, expected " + other.bytes.capacity());
    }
    this.type = other.type;
    this.rows = rows;
    this.shape = shape;
    this.sequence = sequence;
    this.rowBytes = (int) row;
    this.bytes = other.bytes;
  }

  /** A new tensor over rows {@code start ... start + count}; the caller closes it. */
  OnnxTensor slice(int start, int count) throws OrtException {
    ByteBuffer range =
        bytes.slice(start * rowBytes, count * rowBytes).order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), range, shape(count), type);
  }

  private long[] shape(int count) {
    int lead = sequence ? 2 : 1;
    long[] sliced = new long[shape.length + lead];
    sliced[0] = 1;
    sliced[lead - 1] = count;
    System.arraycopy(shape, 0, sliced, lead, shape.length);
    return sliced;
  }

  @Override
  public Pointer value(int start, int count) throws OrtException {
    Pointer data = Native.getDirectBufferPointer(bytes).share((long) start * rowBytes);
    return CInterface.tensorOver(
        CInterface.host(), data, (long) count * rowBytes, shape(count), TensorTypes.code(type));
  }

  @Override
  public boolean onHost() {
    return true;
  }

  public int rows() {
    return rows;
  }

  /** Bytes of one row. */
  public int rowBytes() {
    return rowBytes;
  }

  public long sizeInBytes() {
    return bytes.capacity();
  }

  /** The whole buffer; absolute access only. */
  public ByteBuffer bytes() {
    return bytes;
  }

  public FloatBuffer floats() {
    return bytes.asFloatBuffer();
  }

  public LongBuffer longs() {
    return bytes.asLongBuffer();
  }

  public IntBuffer ints() {
    return bytes.asIntBuffer();
  }
}
