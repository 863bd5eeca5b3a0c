package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * That an answer goes on with one that was stopped by what was no speech.
 *
 * @param drawnTurn the turn whose random numbers it draws: with them it says what the stopped one
 *     would have said
 * @param from the first step that was not heard
 * @param atMillis when it goes on, in milliseconds of media time
 */
public record Resumption(int drawnTurn, int from, long atMillis) {
  static final RecordFormat<Resumption> FORMAT =
      RecordFormat.of("resumption", 1, Resumption::write, Resumption::read);

  private static void write(Resumption value, DataOutput out) throws IOException {
    out.writeInt(value.drawnTurn);
    out.writeInt(value.from);
    out.writeLong(value.atMillis);
  }

  private static Resumption read(int version, DataInput in) throws IOException {
    return new Resumption(in.readInt(), in.readInt(), in.readLong());
  }
}
