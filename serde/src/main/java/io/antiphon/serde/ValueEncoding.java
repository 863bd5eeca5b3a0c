package io.antiphon.serde;

import org.apache.avro.specific.SpecificRecord;

/** How records become the values of a topic, and back. Implementations are thread safe. */
public interface ValueEncoding {
  /**
   * Encodes a record for a topic.
   *
   * @throws IllegalArgumentException when it does not fit its schema or has more than {@code
   *     maximumBytes}
   * @throws IllegalStateException when a service that is needed for it does not answer
   */
  byte[] encode(String topic, SpecificRecord value, int maximumBytes);

  /**
   * Decodes a value.
   *
   * @throws RecordDecodingException with the reason
   */
  <T extends SpecificRecord> T decode(Class<T> type, byte[] value, int maximumBytes)
      throws RecordDecodingException;

  /**
   * Avro single-object encoding.
   *
   * @param writers where the schemas of later releases are
   */
  static ValueEncoding singleObject(WriterSchemas writers) {
    return new ValueEncoding() {
      @Override
      public byte[] encode(String topic, SpecificRecord value, int maximumBytes) {
        return Records.encode(value, maximumBytes);
      }

      @Override
      public <T extends SpecificRecord> T decode(Class<T> type, byte[] value, int maximumBytes)
          throws RecordDecodingException {
        return Records.decode(type, value, maximumBytes, writers);
      }
    };
  }
}
