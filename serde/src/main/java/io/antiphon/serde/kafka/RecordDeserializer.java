package io.antiphon.serde.kafka;

import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import io.antiphon.serde.WriterSchemas;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record from its single-object encoding; null (a tombstone) stays null.
 *
 * <p>A value of a later release whose schema is not to be had becomes null as well, is counted and
 * logged once for each schema: it must not stop a consumer that was not upgraded yet. A value that
 * is broken is an exception.
 */
abstract class RecordDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private static final Logger LOG = LoggerFactory.getLogger(RecordDeserializer.class);

  private final Class<T> type;
  private final int maximumBytes;
  private final WriterSchemas writers;
  private final AtomicLong skipped = new AtomicLong();
  private final OncePerSchema told = new OncePerSchema();

  RecordDeserializer(Class<T> type, int maximumBytes, WriterSchemas writers) {
    this.type = type;
    this.maximumBytes = maximumBytes;
    this.writers = writers;
  }

  @Override
  public final @Nullable T deserialize(String topic, byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    try {
      return Records.decode(type, value, maximumBytes, writers);
    } catch (RecordDecodingException e) {
      if (e.code().equals(RecordDecodingException.UNKNOWN_VERSION)) {
        skipped.incrementAndGet();
        if (told.isFirst(e.getMessage())) {
          LOG.warn("Skipping records of {}: {}", topic, e.getMessage());
        }
        return null;
      }
      throw new SerializationException(topic + ": " + e.code() + ": " + e.getMessage(), e);
    }
  }

  /** Values that were skipped because a later release wrote them. */
  public final long skipped() {
    return skipped.get();
  }
}
