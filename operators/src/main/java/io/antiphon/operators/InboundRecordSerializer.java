package io.antiphon.operators;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialiser of {@link InboundRecord}. */
public final class InboundRecordSerializer extends VersionedSerializer<InboundRecord> {
  @Override
  int version() {
    return 1;
  }

  @Override
  void write(InboundRecord value, DataOutputView out) throws IOException {
    put(value, out);
  }

  @Override
  InboundRecord read(int version, DataInputView in) throws IOException {
    return get(in);
  }

  static void put(InboundRecord value, DataOutput out) throws IOException {
    out.writeUTF(value.topic());
    out.writeInt(value.partition());
    out.writeLong(value.offset());
    out.writeLong(value.timestamp());
    Wire.writeBytes(value.key(), out);
    Wire.writeBytes(value.value(), out);
  }

  static InboundRecord get(DataInput in) throws IOException {
    return new InboundRecord(
        in.readUTF(),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        Wire.readBytes(in),
        Wire.readBytes(in));
  }
}
