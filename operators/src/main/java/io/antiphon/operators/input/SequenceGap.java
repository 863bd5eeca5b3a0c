package io.antiphon.operators.input;

import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;

/** Records that never came, by sequence number, both ends included. */
public record SequenceGap(long first, long last) {
  public Failure failure() {
    return new Failure(
        FailureCodes.SEQUENCE_GAP,
        first == last
            ? "the record with sequence " + first + " is missing; going on without it"
            : "the records with sequence "
                + first
                + " to "
                + last
                + " are missing; going on without them");
  }
}
