package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link Exchange}. */
public final class ExchangeSerializer extends VersionedSerializer<Exchange> {
  @Override
  public String typeId() {
    return "exchange";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(Exchange value, DataOutputView out) throws IOException {
    Exchange.FORMAT.put(value, out);
  }

  @Override
  protected Exchange read(int version, DataInputView in) throws IOException {
    return Exchange.FORMAT.get(in);
  }
}
