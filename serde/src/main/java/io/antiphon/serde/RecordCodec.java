package io.antiphon.serde;

import io.antiphon.schemas.ReleasedSchemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Avro single-object encoding of one record type: {@code C3 01}, the eight little-endian bytes of
 * the writer schema's CRC-64-AVRO fingerprint, the binary body. Reads what any released version
 * wrote. Stricter than Avro's own message decoder: bytes after the body are an error, and every
 * failure of the body has one exception type. Thread safe.
 */
final class RecordCodec<T> {
  private static final int HEADER_BYTES = 10;
  private static final byte[] MARKER = {(byte) 0xC3, 0x01};

  private final String name;
  private final long fingerprint;
  private final SpecificData data;
  private final SpecificDatumWriter<SpecificRecord> writer;
  private final Map<Long, SpecificDatumReader<T>> readers = new HashMap<>();

  RecordCodec(Class<?> type) {
    data = SpecificData.getForClass(type);
    Schema schema = data.getSchema(type);
    name = schema.getName();
    fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    writer = new SpecificDatumWriter<>(schema, data);
    for (Schema released : ReleasedSchemas.of(schema.getFullName())) {
      readers.put(
          SchemaNormalization.parsingFingerprint64(released),
          new SpecificDatumReader<>(released, schema, data));
    }
    readers.put(fingerprint, new SpecificDatumReader<>(schema, schema, data));
  }

  byte[] encode(SpecificRecord value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    out.writeBytes(MARKER);
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(fingerprint)
            .array());
    try {
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      writer.write(value, encoder);
      encoder.flush();
    } catch (IOException | AvroRuntimeException | NullPointerException | ClassCastException e) {
      throw new IllegalArgumentException(
          "the " + name + " does not fit its schema: " + e.getMessage(), e);
    }
    return out.toByteArray();
  }

  T decode(byte[] value) throws RecordDecodingException {
    if (value.length < HEADER_BYTES || value[0] != MARKER[0] || value[1] != MARKER[1]) {
      throw new RecordDecodingException(
          RecordDecodingException.UNDECODABLE,
          "the value's "
              + value.length
              + " bytes are no Avro single-object encoding (C3 01, fingerprint, body); expected a "
              + name);
    }
    long written = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
    SpecificDatumReader<T> reader = readers.get(written);
    if (reader == null) {
      throw new RecordDecodingException(
          RecordDecodingException.UNKNOWN_VERSION,
          String.format(
              "the value was written with schema %016x, which no released version of %s has",
              written, name));
    }
    BinaryDecoder body =
        DecoderFactory.get().binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, null);
    T record;
    boolean complete;
    try {
      record = reader.read(null, body);
      complete = body.isEnd();
    } catch (IOException | RuntimeException e) {
      // Avro reports broken bodies with many kinds of exception: end of file, bad union index, bad
      // length, index out of bounds.
      throw new RecordDecodingException(
          RecordDecodingException.UNDECODABLE,
          "the value's body is no " + name + ": " + describe(e),
          e);
    }
    if (!complete) {
      throw new RecordDecodingException(
          RecordDecodingException.UNDECODABLE, "the value goes on after the " + name + "'s end");
    }
    return record;
  }

  private static String describe(Exception e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getClass().getSimpleName() + ", " + e.getMessage();
  }
}
