package io.antiphon.deploy;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Connects to Kafka once and lets go again, so that a job does not do it for the first time. */
final class StandbyClients {
  private static final String PATIENCE_MILLIS = "10000";

  private StandbyClients() {}

  /** Asks for the ends of the job's input and writes nothing. */
  static void connect(AgentConfiguration configuration) {
    Properties properties = configuration.kafka().clientProperties();
    properties.setProperty("default.api.timeout.ms", PATIENCE_MILLIS);
    properties.setProperty("max.block.ms", PATIENCE_MILLIS);
    String topic = configuration.topics().audioChunks();
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          producer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.endOffsets(partitions);
    }
  }
}
