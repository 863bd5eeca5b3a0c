package io.antiphon.serde.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.ReleasedSchemas;
import io.antiphon.schemas.TextResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParser;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** With Kafka's own stand-ins for producer and consumer. */
class SchemaTopicTest {
  private static final TopicPartition PARTITION = new TopicPartition("schemas", 0);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final AtomicLong now = new AtomicLong();
  private final SchemaTopicReader reader =
      new SchemaTopicReader(consumer, "schemas", () -> now.getAndAdd(1_000_000));
  private long offset;

  private void has(byte[]... values) {
    for (byte[] value : values) {
      long at = offset++;
      consumer.schedulePollTask(
          () -> consumer.addRecord(new ConsumerRecord<>("schemas", 0, at, null, value)));
    }
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, offset));
  }

  private static byte[] json(Schema schema) {
    return schema.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void everyReleasedSchemaIsPublishedUnderItsFingerprint() {
    MockProducer<byte[], byte[]> producer =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    SchemaTopic.publish(producer, "schemas", Duration.ofSeconds(1));
    Map<String, Schema> published = new HashMap<>();
    for (ProducerRecord<byte[], byte[]> record : producer.history()) {
      assertThat(record.topic()).isEqualTo("schemas");
      Schema schema =
          new SchemaParser().parse(new String(record.value(), StandardCharsets.UTF_8)).mainSchema();
      published.put(new String(record.key(), StandardCharsets.US_ASCII), schema);
    }
    for (Schema current : ReleasedSchemas.current()) {
      for (Schema released : ReleasedSchemas.of(current.getFullName())) {
        long fingerprint = SchemaNormalization.parsingFingerprint64(released);
        assertThat(published.get(String.format("%016x", fingerprint)).getFullName())
            .isEqualTo(current.getFullName());
      }
    }
  }

  @Test
  void aSchemaIsFoundWhenItIsThereAndAskedForSeldom() {
    Schema schema = TextResponse.getClassSchema();
    long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    has();
    assertThat(reader.find(fingerprint)).isEmpty();
    has(json(schema));
    assertThat(reader.find(fingerprint)).as("within five seconds").isEmpty();
    now.addAndGet(Duration.ofSeconds(6).toNanos());
    assertThat(reader.find(fingerprint)).contains(schema);
  }

  @Test
  void whatIsNoSchemaIsCountedAndNothingWorse() {
    Schema schema = TextResponse.getClassSchema();
    has("{".getBytes(StandardCharsets.UTF_8), null, new byte[2 << 20], json(schema));
    assertThat(reader.find(SchemaNormalization.parsingFingerprint64(schema))).contains(schema);
    assertThat(reader.refused()).isEqualTo(3);
  }

  @Test
  void aBrokerThatFailsMakesASchemaUnknown() {
    consumer.setPollException(new KafkaException("gone"));
    has(json(TextResponse.getClassSchema()));
    assertThat(reader.find(1)).isEmpty();
    reader.close();
    assertThat(List.of(consumer.closed())).containsExactly(true);
  }
}
