package io.antiphon.sql;

import io.antiphon.schemas.ReleasedSchemas;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.jspecify.annotations.Nullable;

/** Makes rows of values, by the schema that each was written with. */
final class SingleObjectDeserializer implements DeserializationSchema<RowData> {
  private static final long serialVersionUID = 1L;
  private static final int HEADER = 10;

  private final String record;
  private final RowType type;
  private final TypeInformation<RowData> produced;
  private final boolean skipUnreadable;

  private transient Map<Long, Written> writers = new HashMap<>();
  private transient @Nullable Counter unreadable;
  private transient @Nullable BinaryDecoder decoder;

  /** How to read what one release wrote. */
  private record Written(GenericDatumReader<GenericRecord> reader, RowConverter converter) {}

  SingleObjectDeserializer(
      String record, RowType type, TypeInformation<RowData> produced, boolean skipUnreadable) {
    this.record = record;
    this.type = type;
    this.produced = produced;
    this.skipUnreadable = skipUnreadable;
  }

  @Override
  public void open(InitializationContext context) {
    unreadable = context.getMetricGroup().counter("unreadableValues");
    writers = new HashMap<>();
    for (Schema schema : ReleasedSchemas.of(record)) {
      writers.put(
          SchemaNormalization.parsingFingerprint64(schema),
          new Written(new GenericDatumReader<>(schema), new RowConverter(schema, type)));
    }
  }

  @Override
  public @Nullable RowData deserialize(byte @Nullable [] value) throws IOException {
    if (value == null) {
      return null; // a compacted topic's tombstone
    }
    try {
      return read(value);
    } catch (IOException | AvroRuntimeException | ArithmeticException e) {
      if (!skipUnreadable) {
        throw new IOException(
            "a value of "
                + value.length
                + " bytes is no readable "
                + record
                + ": "
                + e.getMessage()
                + "; 'skip-unreadable' = 'true' skips such values",
            e);
      }
      if (unreadable != null) {
        unreadable.inc();
      }
      return null;
    }
  }

  private RowData read(byte[] value) throws IOException {
    if (value.length < HEADER || value[0] != (byte) 0xC3 || value[1] != 0x01) {
      throw new IOException("it does not begin with the marker C3 01");
    }
    long fingerprint =
        ByteBuffer.wrap(value, 2, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Written written = writers.get(fingerprint);
    if (written == null) {
      throw new IOException(
          String.format(
              "its schema has the fingerprint %016x, which is of no release up to version %d",
              fingerprint, ReleasedSchemas.NEWEST_VERSION));
    }
    decoder = DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, decoder);
    return written.converter.row(written.reader.read(null, decoder));
  }

  @Override
  public boolean isEndOfStream(RowData row) {
    return false;
  }

  @Override
  public TypeInformation<RowData> getProducedType() {
    return produced;
  }
}
