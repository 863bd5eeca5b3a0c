package io.antiphon.operators.state;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * The state was written by a release that this one cannot follow. Ends the job: another attempt
 * would find the same.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class IncompatibleStateException extends IOException {
  private static final long serialVersionUID = 1L;

  IncompatibleStateException(String problem) {
    super(
        problem
            + ". Start with the release that wrote this state or a later one, or without the"
            + " savepoint.");
  }

  static IncompatibleStateException later(String what, int written, int newest) {
    return new IncompatibleStateException(
        "The state holds " + what + " of version " + written + ", expected 1 to " + newest);
  }
}
