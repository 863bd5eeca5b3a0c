package io.antiphon.operators.message;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link InboundRecord}. */
public final class InboundRecordSerializer extends VersionedSerializer<InboundRecord> {
  public static final RecordFormat<InboundRecord> FORMAT =
      RecordFormat.of(
          "inbound record", 1, InboundRecordSerializer::put, InboundRecordSerializer::get);

  @Override
  public String typeId() {
    return "inbound-record";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  protected void write(InboundRecord value, DataOutputView out) throws IOException {
    FORMAT.put(value, out);
  }

  @Override
  protected InboundRecord read(int version, DataInputView in) throws IOException {
    return FORMAT.get(in);
  }

  private static void put(InboundRecord value, DataOutput out) throws IOException {
    out.writeUTF(value.topic());
    out.writeInt(value.partition());
    out.writeLong(value.offset());
    out.writeLong(value.timestamp());
    StateEncoding.writeBytes(value.key(), out);
    StateEncoding.writeBytes(value.value(), out);
  }

  private static InboundRecord get(int version, DataInput in) throws IOException {
    return new InboundRecord(
        in.readUTF(),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        StateEncoding.readBytesOrNull(in),
        StateEncoding.readBytesOrNull(in));
  }
}
