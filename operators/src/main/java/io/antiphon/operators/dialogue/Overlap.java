package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Speech of the caller that began while an answer could be heard.
 *
 * @param beganMillis milliseconds of media time
 * @param told whether the caller knows that it was noticed: not before it is more than a
 *     backchannel
 * @param stoppedTurn the answer that it stopped, -1 for none
 */
public record Overlap(long beganMillis, boolean told, int stoppedTurn) {
  static final RecordFormat<Overlap> FORMAT =
      RecordFormat.of("overlap", 1, Overlap::write, Overlap::read);

  private static void write(Overlap value, DataOutput out) throws IOException {
    out.writeLong(value.beganMillis);
    out.writeBoolean(value.told);
    out.writeInt(value.stoppedTurn);
  }

  private static Overlap read(int version, DataInput in) throws IOException {
    return new Overlap(in.readLong(), in.readBoolean(), in.readInt());
  }
}
