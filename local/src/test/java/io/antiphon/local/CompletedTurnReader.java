package io.antiphon.local;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.kafka.CompletedTurnDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer of committed records sees of the completed turns. */
final class CompletedTurnReader {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private CompletedTurnReader() {}

  /**
   * Reads a topic of one partition from its beginning until each of these conversations has had a
   * turn. Turns of different conversations come in any order: after a restart an older one may
   * still be made again when a newer one is over.
   */
  static List<CompletedTurn> read(AgentConfiguration configuration, Set<String> conversations) {
    Set<String> missing = new HashSet<>(conversations);
    Properties properties = configuration.kafka().clientProperties();
    properties.setProperty("isolation.level", "read_committed");
    List<CompletedTurn> turns = new ArrayList<>();
    try (KafkaConsumer<byte[], CompletedTurn> consumer =
        new KafkaConsumer<>(
            properties, new ByteArrayDeserializer(), new CompletedTurnDeserializer())) {
      TopicPartition partition =
          new TopicPartition(configuration.topics().completedTurns().orElseThrow(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], CompletedTurn> record : consumer.poll(Duration.ofMillis(200))) {
          turns.add(record.value());
          missing.remove(record.value().getConversationId());
        }
        if (missing.isEmpty()) {
          return turns;
        }
      }
    }
    throw new AssertionError("no committed turn of " + missing + " came; others: " + turns);
  }
}
