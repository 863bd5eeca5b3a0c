package io.antiphon.operators.state;

import java.util.List;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * The bundle or its settings cannot go on with the state. Ends the job: another attempt would find
 * the same.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class IncompatibleBundleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IncompatibleBundleException(String bundle, List<String> problems) {
    super(
        "Bundle "
            + bundle
            + " cannot go on with this state, which a bundle of another architecture wrote: "
            + String.join("; ", problems)
            + ". Start with a bundle of the same architecture, or without the savepoint.");
  }

  private IncompatibleBundleException(String message) {
    super(message);
  }

  /**
   * An answer under way has no room any more.
   *
   * @param capacity positions that a context has now
   */
  public static IncompatibleBundleException tooFewPositions(String conversation, int capacity) {
    return new IncompatibleBundleException(
        "Conversation "
            + conversation
            + " of this state has an answer under way whose prompt does not fit: model.positionsPerRow"
            + " and the bundle leave "
            + capacity
            + " positions, expected as many as when the state was written. Start with as many, or"
            + " without the savepoint.");
  }
}
