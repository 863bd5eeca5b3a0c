package io.antiphon.serde.schemas;

import io.antiphon.schemas.ReleasedSchemas;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The compacted topic on which every release tells the schemas that it writes with. Key: the
 * schema's CRC-64-AVRO fingerprint as 16 hexadecimal digits; value: the schema as JSON. One
 * partition.
 */
public final class SchemaTopic {
  /** The topic's name where nothing else is configured. */
  public static final String DEFAULT_NAME = "antiphon-schemas";

  private SchemaTopic() {}

  /** A record's key: the fingerprint's sixteen hexadecimal digits, the highest first. */
  public static byte[] key(long fingerprint) {
    return String.format("%016x", fingerprint).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Makes the topic where it is missing and writes the schemas of all releases to it. Doing so
   * again changes nothing.
   *
   * @param client how brokers are reached
   * @param patience how long creation and writing may take together with their retries
   * @throws KafkaException when the broker does not take them
   */
  public static void publish(Properties client, String topic, Duration patience) {
    try (Admin admin = Admin.create(client)) {
      NewTopic compacted =
          new NewTopic(topic, Optional.of(1), Optional.empty())
              .configs(
                  Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
      await(
          admin.createTopics(List.of(compacted)).all().toCompletionStage().toCompletableFuture(),
          patience,
          topic);
    } catch (KafkaException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      publish(producer, topic, patience);
    }
  }

  static void publish(Producer<byte[], byte[]> producer, String topic, Duration patience) {
    List<Future<?>> sent = new ArrayList<>();
    schemas()
        .forEach(
            (fingerprint, schema) ->
                sent.add(
                    producer.send(
                        new ProducerRecord<>(
                            topic,
                            0,
                            key(fingerprint),
                            schema.toString().getBytes(StandardCharsets.UTF_8)))));
    producer.flush();
    sent.forEach(each -> await(each, patience, topic));
  }

  /** The schemas of all releases of all records, by fingerprint. */
  static Map<Long, Schema> schemas() {
    Map<Long, Schema> schemas = new LinkedHashMap<>();
    for (Schema current : ReleasedSchemas.current()) {
      for (Schema released : ReleasedSchemas.of(current.getFullName())) {
        schemas.put(SchemaNormalization.parsingFingerprint64(released), released);
      }
    }
    return schemas;
  }

  private static void await(Future<?> each, Duration patience, String topic) {
    try {
      each.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while schemas were written to " + topic, e);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new KafkaException(
          "schemas cannot be written to " + topic + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new KafkaException(
          "schemas were not written to " + topic + " within " + patience.toMillis() + " ms", e);
    }
  }
}
