package io.antiphon.serde;

import io.antiphon.schemas.ReleasedSchemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Avro single-object encoding of one record type: {@code C3 01}, the eight little-endian bytes of
 * the writer schema's CRC-64-AVRO fingerprint, the binary body. Reads what any released version
 * wrote, and later versions whose schemas it was {@linkplain #add told}. Stricter than Avro's own
 * message decoder: bytes after the body are an error, and every failure of the body has one
 * exception type. Thread safe.
 */
final class RecordCodec<T> {
  /** Bytes before the body. */
  static final int HEADER_BYTES = 10;

  /** Schemas of later versions that one record type may have; more are refused. */
  static final int MAXIMUM_LATER_VERSIONS = 256;

  private static final byte[] MARKER = {(byte) 0xC3, 0x01};

  private final Class<?> type;
  private final String name;
  private final long fingerprint;
  private final SpecificData data;
  private final SpecificDatumWriter<SpecificRecord> writer;
  private final Map<Long, RecordReader<T>> readers = new ConcurrentHashMap<>();

  /** Of the schemas that were added, because a fingerprint takes longer than a record. */
  private final Map<Schema, Long> fingerprints = new ConcurrentHashMap<>();

  private final int releasedVersions;

  RecordCodec(Class<?> type) {
    this.type = type;
    data = SpecificData.getForClass(type);
    Schema schema = data.getSchema(type);
    name = schema.getName();
    fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    writer = new SpecificDatumWriter<>(schema, data);
    for (Schema released : ReleasedSchemas.of(schema.getFullName())) {
      readers.put(
          SchemaNormalization.parsingFingerprint64(released),
          RecordReader.of(type, data, released));
    }
    readers.put(fingerprint, RecordReader.of(type, data, schema));
    releasedVersions = readers.size();
  }

  /**
   * Learns a schema that some version writes this record with.
   *
   * @return its fingerprint
   * @throws IllegalArgumentException when it is of another record, cannot be read as this one, or
   *     is one too many
   */
  long add(Schema schema) {
    Long known = fingerprints.get(schema);
    return known == null ? addNew(schema) : known;
  }

  private long addNew(Schema schema) {
    if (!data.getSchema(type).getFullName().equals(schema.getFullName())) {
      throw new IllegalArgumentException(
          "the schema is of " + schema.getFullName() + "; expected one of " + name);
    }
    long added = SchemaNormalization.parsingFingerprint64(schema);
    synchronized (readers) {
      if (!readers.containsKey(added)) {
        if (readers.size() - releasedVersions >= MAXIMUM_LATER_VERSIONS) {
          throw new IllegalArgumentException(
              "a further schema of "
                  + name
                  + "; at most "
                  + MAXIMUM_LATER_VERSIONS
                  + " later versions are kept");
        }
        readers.put(added, RecordReader.of(type, data, schema));
      }
      if (fingerprints.size() < 2 * MAXIMUM_LATER_VERSIONS) {
        fingerprints.put(schema, added);
      }
    }
    return added;
  }

  /** Whether records with a fingerprint can be read. */
  boolean knows(long written) {
    return readers.containsKey(written);
  }

  byte[] encode(SpecificRecord value) {
    byte[] header =
        ByteBuffer.allocate(HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(MARKER)
            .putLong(fingerprint)
            .array();
    return encode(header, value);
  }

  /** The value's body behind a header of any framing. */
  byte[] encode(byte[] header, SpecificRecord value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    out.writeBytes(header);
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

  /** The fingerprint in a value's header; an exception when it has none. */
  long fingerprint(byte[] value) throws RecordDecodingException {
    if (value.length < HEADER_BYTES || value[0] != MARKER[0] || value[1] != MARKER[1]) {
      throw new RecordDecodingException(
          RecordDecodingException.UNDECODABLE,
          "the value's "
              + value.length
              + " bytes are no Avro single-object encoding (C3 01, fingerprint, body); expected a "
              + name
              + ForeignFormats.hint(value));
    }
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
  }

  T decode(byte[] value) throws RecordDecodingException {
    return decode(fingerprint(value), value, HEADER_BYTES);
  }

  /** Reads the body that begins at {@code offset} and ends with the value. */
  T decode(long written, byte[] value, int offset) throws RecordDecodingException {
    RecordReader<T> reader = readers.get(written);
    if (reader == null) {
      throw new RecordDecodingException(
          RecordDecodingException.UNKNOWN_VERSION,
          String.format(
              "the value was written with schema %016x, which no released version of %s has",
              written, name));
    }
    BinaryDecoder body =
        DecoderFactory.get().binaryDecoder(value, offset, value.length - offset, null);
    T record;
    boolean complete;
    try {
      record = reader.read(body);
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
