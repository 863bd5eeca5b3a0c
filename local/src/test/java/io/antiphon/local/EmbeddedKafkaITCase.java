package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class EmbeddedKafkaITCase {
  private static final byte[] KEY = "conversation".getBytes(StandardCharsets.UTF_8);

  @Test
  void carriesRecordsOfTenMebibytesAndLeavesNoFiles() throws Exception {
    Set<Path> before = logDirectories();
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      assertThat(logDirectories()).hasSize(before.size() + 1);
      Properties client = new Properties();
      client.setProperty("bootstrap.servers", kafka.bootstrapServers());
      TopicCreator.create(client, AgentConfiguration.defaults().topics(), 2);
      // A second time changes nothing.
      TopicCreator.create(client, AgentConfiguration.defaults().topics(), 2);

      byte[] large = new byte[10 << 20];
      large[large.length - 1] = 7;
      send(client, new byte[] {1}, large, new byte[] {3});

      List<byte[]> values = read(client, 3);
      assertThat(values.get(0)).containsExactly(1);
      assertThat(values.get(1)).isEqualTo(large);
      assertThat(values.get(2)).containsExactly(3);
    }
    assertThat(logDirectories()).isEqualTo(before);
  }

  @Test
  void refusesAPortThatIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatThrownBy(() -> EmbeddedKafka.start(taken.getLocalPort()))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining("port " + taken.getLocalPort() + " is not free");
    }
  }

  private static void send(Properties client, byte[]... values) throws Exception {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty(
        "max.request.size", Integer.toString(EmbeddedKafka.MAXIMUM_RECORD_BYTES));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (byte[] value : values) {
        producer.send(new ProducerRecord<>("audio-chunks", KEY, value)).get();
      }
    }
  }

  private static List<byte[]> read(Properties client, int count) {
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("audio-chunks").stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      assertThat(partitions).hasSize(2);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (values.size() < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
          values.add(record.value());
        }
      }
    }
    return values;
  }

  private static Set<Path> logDirectories() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(ProcessDirectories.OWN_PREFIX))
          .collect(Collectors.toSet());
    }
  }
}
