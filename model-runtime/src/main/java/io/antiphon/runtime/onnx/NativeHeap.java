package io.antiphon.runtime.onnx;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The C library's heap of this process, which holds what is outside the JVM's own. */
public final class NativeHeap {
  private static final Logger LOG = LoggerFactory.getLogger(NativeHeap.class);

  private NativeHeap() {}

  /**
   * Gives free memory back to the system. The C library keeps what was freed for the threads that
   * had allocated it, so that models loaded one after the other by other threads would add up to
   * several times one model. Takes up to some 100 ms; does nothing where the JVM offers no such
   * command.
   */
  public static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              new Object[0],
              new String[0]);
    } catch (JMException e) {
      LOG.debug("The native heap cannot be trimmed", e);
    }
  }
}
