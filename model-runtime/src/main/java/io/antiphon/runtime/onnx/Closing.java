package io.antiphon.runtime.onnx;

/** Closing of several things of which each must be closed, whatever another one throws. */
public final class Closing {
  private Closing() {}

  /**
   * Closes all, in their order.
   *
   * @param problem what to say when one of them cannot be closed
   * @throws IllegalStateException with the first failure, the others suppressed
   */
  public static void all(Iterable<? extends AutoCloseable> parts, String problem) {
    IllegalStateException failed = null;
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        if (failed == null) {
          failed = new IllegalStateException(problem, e);
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  /** Closes what is of no use after something else has failed; its own failure is suppressed. */
  public static void after(Throwable cause, AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      cause.addSuppressed(e);
    }
  }
}
