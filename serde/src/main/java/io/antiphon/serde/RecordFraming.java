package io.antiphon.serde;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Bodies of records behind the header of a framing that stands elsewhere. Thread safe. */
public final class RecordFraming {
  private RecordFraming() {}

  /**
   * A header and a record's body behind it.
   *
   * @throws IllegalArgumentException when the record does not fit its schema or both together have
   *     more than {@code maximumBytes}
   */
  public static byte[] encode(byte[] header, SpecificRecord value, int maximumBytes) {
    byte[] bytes = Records.codec(value.getClass()).encode(header, value);
    Records.requireSize(value, bytes.length, maximumBytes);
    return bytes;
  }

  /** Refuses a value that is missing or too large. */
  public static void requireUsable(Class<?> type, byte[] value, int maximumBytes)
      throws RecordDecodingException {
    Records.requireUsable(type, value, maximumBytes);
  }

  /**
   * Decodes the body behind a header.
   *
   * @param writer the schema that wrote it; learned where it is new
   * @param offset where the body begins; it ends with the value
   */
  public static <T extends SpecificRecord> T decode(
      Class<T> type, Schema writer, byte[] value, int offset) throws RecordDecodingException {
    RecordCodec<?> codec = Records.codec(type);
    long fingerprint;
    try {
      fingerprint = codec.add(writer);
    } catch (IllegalArgumentException e) {
      throw new RecordDecodingException(
          RecordDecodingException.UNKNOWN_VERSION,
          "the value's schema is not understood: " + e.getMessage(),
          e);
    }
    return type.cast(codec.decode(fingerprint, value, offset));
  }
}
