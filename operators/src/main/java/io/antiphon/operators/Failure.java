package io.antiphon.operators;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Why something the caller sent has no answer.
 *
 * @param code stable, one of {@link FailureCodes}
 */
record Failure(String code, String message) {
  static void put(Failure value, DataOutput out) throws IOException {
    out.writeUTF(value.code);
    Wire.writeString(value.message, out);
  }

  static Failure get(DataInput in) throws IOException {
    return new Failure(in.readUTF(), Wire.readString(in));
  }
}
