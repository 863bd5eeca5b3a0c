package io.antiphon.serde.kafka;

import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** A record from its single-object encoding; null (a tombstone) stays null. */
abstract class RecordDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private final Class<T> type;
  private final int maximumBytes;

  RecordDeserializer(Class<T> type, int maximumBytes) {
    this.type = type;
    this.maximumBytes = maximumBytes;
  }

  @Override
  public final T deserialize(String topic, byte[] value) {
    if (value == null) {
      return null;
    }
    try {
      return Records.decode(type, value, maximumBytes);
    } catch (RecordDecodingException e) {
      throw new SerializationException(topic + ": " + e.code() + ": " + e.getMessage(), e);
    }
  }
}
