package io.antiphon.serde.kafka;

import io.antiphon.serde.Records;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** A record to its single-object encoding; null (a tombstone) stays null. */
abstract class RecordSerializer<T extends SpecificRecord> implements Serializer<T> {
  private final int maximumBytes;

  RecordSerializer(int maximumBytes) {
    this.maximumBytes = maximumBytes;
  }

  @Override
  public final byte @Nullable [] serialize(String topic, @Nullable T value) {
    if (value == null) {
      return null;
    }
    try {
      return Records.encode(value, maximumBytes);
    } catch (IllegalArgumentException e) {
      throw new SerializationException(topic + ": " + e.getMessage(), e);
    }
  }
}
