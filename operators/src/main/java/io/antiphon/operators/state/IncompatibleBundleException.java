package io.antiphon.operators.state;

import java.util.List;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * The state was written by a bundle of another architecture. Ends the job: another attempt would
 * find the same.
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
}
