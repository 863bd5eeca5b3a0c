package io.antiphon.serde.schemas;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.serde.WriterSchemas;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParser;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds writers' schemas on the {@link SchemaTopic}. The topic is read when a schema is asked for
 * that is not known, at most once in five seconds and for at most five seconds; a broker that does
 * not answer makes the schema unknown and nothing worse. Thread safe.
 */
public final class SchemaTopicReader implements WriterSchemas, AutoCloseable {
  /** Schemas that are kept at most. */
  static final int MAXIMUM_SCHEMAS = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(SchemaTopicReader.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int MAXIMUM_BYTES = 1 << 20;

  @GuardedBy("this")
  private final Consumer<byte[], byte[]> consumer;

  private final TopicPartition partition;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private final Map<Long, Schema> schemas = new HashMap<>();

  @GuardedBy("this")
  private boolean assigned;

  @GuardedBy("this")
  private long readAt;

  @GuardedBy("this")
  private long refused;

  /**
   * Reads nothing yet.
   *
   * @param client how brokers are reached
   */
  public SchemaTopicReader(Properties client, String topic) {
    this(
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        topic,
        System::nanoTime);
  }

  SchemaTopicReader(Consumer<byte[], byte[]> consumer, String topic, LongSupplier nanoTime) {
    this.consumer = consumer;
    this.partition = new TopicPartition(topic, 0);
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized Optional<Schema> find(long fingerprint) {
    Schema known = schemas.get(fingerprint);
    if (known == null && due()) {
      try {
        readToTheEnd();
      } catch (KafkaException e) {
        LOG.warn("No schemas from {}: {}", partition.topic(), e.getMessage());
      }
      known = schemas.get(fingerprint);
    }
    return Optional.ofNullable(known);
  }

  /** Records of the topic that were no schema, or one too many. */
  public synchronized long refused() {
    return refused;
  }

  @GuardedBy("this")
  private boolean due() {
    long now = nanoTime.getAsLong();
    if (assigned && now - readAt < PATIENCE.toNanos()) {
      return false;
    }
    readAt = now;
    return true;
  }

  @GuardedBy("this")
  private void readToTheEnd() {
    if (!assigned) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      assigned = true;
    }
    Long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
    long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
    while (end != null
        && consumer.position(partition, PATIENCE) < end
        && nanoTime.getAsLong() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        add(record.value());
      }
    }
  }

  @GuardedBy("this")
  private void add(byte[] value) {
    if (value == null || value.length > MAXIMUM_BYTES || schemas.size() >= MAXIMUM_SCHEMAS) {
      refused++;
      return;
    }
    try {
      Schema schema =
          new SchemaParser().parse(new String(value, StandardCharsets.UTF_8)).mainSchema();
      schemas.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    } catch (AvroRuntimeException e) {
      refused++;
      LOG.warn("A record of {} is no schema: {}", partition.topic(), e.getMessage());
    }
  }

  @Override
  public synchronized void close() {
    consumer.close();
  }
}
