package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.jna.Pointer;
import io.antiphon.runtime.Device;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory of the device on which a session computes, allocated by its execution provider. Java never
 * reads or writes it. Not thread safe.
 */
public final class DeviceMemory implements AutoCloseable {
  /**
   * Set in tests: new memory of the processor is filled with NaN, so that whatever reads what
   * nobody has written is found out. Memory of a device holds whatever was there before.
   */
  private static final boolean POISONED = Boolean.getBoolean("antiphon.poisonedMemory");

  private static final AtomicLong ALLOCATED = new AtomicLong();

  private final Device device;
  private final Pointer info;
  private final Pointer allocator;

  /**
   * @param session of a graph on that device; closed after this
   */
  public DeviceMemory(OrtSession session, Device device) throws OrtException {
    this.device = device;
    this.info =
        CInterface.memoryInfo(device.kind() == Device.Kind.CUDA ? "Cuda" : "Cpu", device.index());
    this.allocator = CInterface.allocator(session, info);
  }

  /** Bytes that all such tensors of the process have now in the processor's memory. */
  static long allocatedOnHost() {
    return ALLOCATED.get();
  }

  /**
   * Allocates rows {@code [rows, ...shape]} of which nothing is known.
   *
   * @throws OrtException when there is not so much memory
   */
  public DeviceTensor allocate(OnnxJavaType type, int rows, long... shape) throws OrtException {
    return new DeviceTensor(this, type, rows, POISONED && onHost(), shape);
  }

  boolean onHost() {
    return device.kind() == Device.Kind.CPU;
  }

  Pointer info() {
    return info;
  }

  Pointer tensor(long[] shape, OnnxJavaType type, long bytes, boolean poisoned)
      throws OrtException {
    Pointer tensor = CInterface.tensor(allocator, shape, TensorTypes.code(type));
    count(bytes);
    if (poisoned) {
      CInterface.data(tensor).setMemory(0, bytes, (byte) 0xff);
    }
    return tensor;
  }

  void release(Pointer tensor, long bytes) {
    CInterface.releaseValue(tensor);
    count(-bytes);
  }

  private void count(long bytes) {
    if (onHost()) {
      ALLOCATED.addAndGet(bytes);
    }
  }

  /** Its tensors are closed before. */
  @Override
  public void close() {
    CInterface.releaseAllocator(allocator);
    CInterface.releaseMemoryInfo(info);
  }
}
