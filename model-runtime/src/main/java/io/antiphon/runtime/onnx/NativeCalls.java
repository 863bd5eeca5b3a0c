package io.antiphon.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.antiphon.runtime.HostClosedException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gate before every call into ONNX Runtime. When the process ends, by a signal or by itself, no
 * call begins any more and the end waits for those under way: the library's memory goes away with
 * the process, and a call that still ran would crash it.
 *
 * <p>Thread safe. The first use registers the shutdown hook.
 */
public final class NativeCalls {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCalls.class);

  /** Longer than any call; the end of the process waits no longer. */
  private static final long MOST_SECONDS = 20;

  private static final ReentrantReadWriteLock GATE = new ReentrantReadWriteLock();
  private static volatile boolean ending;

  static {
    keepEnvironment();
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(NativeCalls::end, "antiphon-native-calls"));
    } catch (IllegalStateException e) {
      ending = true; // the process is ending already
    }
  }

  private NativeCalls() {}

  /** No call can be made any more. */
  public static final class ProcessEndsException extends HostClosedException {
    private static final long serialVersionUID = 1L;

    ProcessEndsException() {
      super("the process ends");
    }
  }

  /** Calls under way until it is closed, on the thread that began them. */
  public interface Call extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins one or more calls.
   *
   * @throws ProcessEndsException when the process ends
   */
  public static Call begin() {
    // tryLock does not queue behind the hook, which waits for the write lock.
    if (ending || !GATE.readLock().tryLock()) {
      throw new ProcessEndsException();
    }
    return GATE.readLock()::unlock;
  }

  /** Lets no call begin any more and waits for those under way; more than once is once. */
  public static void end() {
    ending = true;
    try {
      if (!GATE.writeLock().tryLock(MOST_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a call of the model still runs after {} s; the process ends", MOST_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes a reference to the library's environment that is never given back. Every {@link
   * OrtEnvironment} registers a shutdown hook that frees the environment beside calls that still
   * run; with this reference it frees nothing. There is no public way to a reference without such a
   * hook.
   */
  private static void keepEnvironment() {
    OrtEnvironment.getEnvironment();
    try {
      Field api =
          Class.forName(OrtEnvironment.class.getPackageName() + ".OnnxRuntime")
              .getDeclaredField("ortApiHandle");
      Method reference =
          OrtEnvironment.class.getDeclaredMethod(
              "createHandle", long.class, int.class, String.class);
      api.setAccessible(true);
      reference.setAccessible(true);
      reference.invoke(
          null,
          api.getLong(null),
          OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING.getValue(),
          "antiphon");
    } catch (ReflectiveOperationException e) {
      LOG.warn("this ONNX Runtime may crash when the process ends in mid-call", e);
    }
  }
}
