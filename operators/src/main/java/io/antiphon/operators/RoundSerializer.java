package io.antiphon.operators;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link Round}. */
public final class RoundSerializer extends VersionedSerializer<Round> {
  @Override
  int version() {
    return 1;
  }

  @Override
  void write(Round value, DataOutputView out) throws IOException {
    Round.put(value, out);
  }

  @Override
  Round read(int version, DataInputView in) throws IOException {
    return Round.get(in);
  }
}
