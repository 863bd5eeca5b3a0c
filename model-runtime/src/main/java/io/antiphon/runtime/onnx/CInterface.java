package io.antiphon.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.lang.reflect.Field;
import java.util.Arrays;

/**
 * The functions of ONNX Runtime's C interface that its Java interface does not have: memory of an
 * execution provider, and runs on tensors that are bound once. The C interface is a table of
 * functions to which releases only append, so a function keeps its index for good.
 *
 * <p>Thread safe. Callers hold a {@link NativeCalls.Call}.
 */
final class CInterface {
  private static final int ERROR_MESSAGE = 2;
  private static final int CREATE_TENSOR = 48;
  private static final int CREATE_TENSOR_WITH_DATA = 49;
  private static final int TENSOR_DATA = 51;
  private static final int CREATE_MEMORY_INFO = 68;
  private static final int RELEASE_STATUS = 93;
  private static final int RELEASE_MEMORY_INFO = 94;
  private static final int RELEASE_VALUE = 96;
  private static final int CREATE_ALLOCATOR = 131;
  private static final int RELEASE_ALLOCATOR = 132;
  private static final int RUN_WITH_BINDING = 133;
  private static final int CREATE_BINDING = 134;
  private static final int RELEASE_BINDING = 135;
  private static final int BIND_INPUT = 136;
  private static final int BIND_OUTPUT = 137;

  /** OrtDeviceAllocator: memory of the device itself, without an arena that keeps it. */
  private static final int DEVICE_ALLOCATOR = 0;

  /** OrtMemTypeDefault. */
  private static final int DEFAULT_MEMORY = 0;

  private static final Table TABLE = Table.find();

  /** The memory of the processor. */
  private static final Pointer HOST = hostMemory();

  private CInterface() {}

  /** The table, and the field in which a session has its handle. */
  private record Table(Pointer functions, Field session) {
    /**
     * There is no public way to either: the Java interface keeps the addresses in private fields. A
     * test checks that they are what is expected in the release that is in use.
     */
    static Table find() {
      OrtEnvironment.getEnvironment();
      try {
        Field table =
            Class.forName(OrtEnvironment.class.getPackageName() + ".OnnxRuntime")
                .getDeclaredField("ortApiHandle");
        table.setAccessible(true);
        Field session = OrtSession.class.getDeclaredField("nativeHandle");
        session.setAccessible(true);
        return new Table(new Pointer(table.getLong(null)), session);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "this ONNX Runtime keeps its C interface elsewhere, expected the release of the build",
            e);
      }
    }

    Function function(int index) {
      return Function.getFunction(functions.getPointer((long) index * Native.POINTER_SIZE));
    }
  }

  private static Pointer hostMemory() {
    try {
      return memoryInfo("Cpu", 0);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not know the processor's memory", e);
    }
  }

  /** A description of the processor's memory; nobody releases it. */
  static Pointer host() {
    return HOST;
  }

  /**
   * @param name of the memory: {@code Cpu} or {@code Cuda}
   * @param device its number
   */
  static Pointer memoryInfo(String name, int device) throws OrtException {
    return made(CREATE_MEMORY_INFO, name, DEVICE_ALLOCATOR, device, DEFAULT_MEMORY);
  }

  static void releaseMemoryInfo(Pointer info) {
    release(RELEASE_MEMORY_INFO, info);
  }

  /** The allocator with which a session's execution provider allocates such memory. */
  static Pointer allocator(OrtSession session, Pointer memoryInfo) throws OrtException {
    return made(CREATE_ALLOCATOR, handle(session), memoryInfo);
  }

  static void releaseAllocator(Pointer allocator) {
    release(RELEASE_ALLOCATOR, allocator);
  }

  /** A tensor with memory of its own, of which nothing is known. */
  static Pointer tensor(Pointer allocator, long[] shape, int type) throws OrtException {
    return made(CREATE_TENSOR, allocator, shape, (long) shape.length, type);
  }

  /** A tensor over memory that is somebody else's. */
  static Pointer tensorOver(Pointer memoryInfo, Pointer data, long bytes, long[] shape, int type)
      throws OrtException {
    return made(CREATE_TENSOR_WITH_DATA, memoryInfo, data, bytes, shape, (long) shape.length, type);
  }

  /** Where a tensor's memory begins: an address of its device. */
  static Pointer data(Pointer tensor) throws OrtException {
    return made(TENSOR_DATA, tensor);
  }

  static void releaseValue(Pointer value) {
    release(RELEASE_VALUE, value);
  }

  static Pointer binding(OrtSession session) throws OrtException {
    return made(CREATE_BINDING, handle(session));
  }

  static void bindInput(Pointer binding, String name, Pointer value) throws OrtException {
    call(BIND_INPUT, binding, name, value);
  }

  static void bindOutput(Pointer binding, String name, Pointer value) throws OrtException {
    call(BIND_OUTPUT, binding, name, value);
  }

  static void releaseBinding(Pointer binding) {
    release(RELEASE_BINDING, binding);
  }

  /** Runs a session's graph on what is bound. */
  static final class Run {
    private final Function function = TABLE.function(RUN_WITH_BINDING);
    private final Object[] arguments;

    Run(OrtSession session, Pointer binding) {
      arguments = new Object[] {handle(session), null, binding};
    }

    void run() throws OrtException {
      check(function.invokePointer(arguments));
    }
  }

  private static Pointer handle(OrtSession session) {
    try {
      return new Pointer(TABLE.session.getLong(session));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Calls a function whose last argument takes what it makes. */
  private static Pointer made(int function, Object... arguments) throws OrtException {
    PointerByReference made = new PointerByReference();
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = made;
    call(function, all);
    return made.getValue();
  }

  private static void call(int function, Object... arguments) throws OrtException {
    check(TABLE.function(function).invokePointer(arguments));
  }

  private static void check(Pointer status) throws OrtException {
    if (status == null) {
      return;
    }
    Pointer message = TABLE.function(ERROR_MESSAGE).invokePointer(new Object[] {status});
    String text = message.getString(0, "UTF-8");
    release(RELEASE_STATUS, status);
    throw new OrtException(text);
  }

  private static void release(int function, Pointer value) {
    TABLE.function(function).invokeVoid(new Object[] {value});
  }
}
