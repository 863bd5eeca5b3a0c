package io.antiphon.local;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all dead letters and failures of a dataflow from the beginning. For one thread. */
final class OutcomeReader implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String deadLetterTopic;
  private final Map<String, String> deadLetters = new HashMap<>();
  private final Map<String, Set<String>> failures = new HashMap<>();

  OutcomeReader(AgentConfiguration configuration) {
    consumer =
        new KafkaConsumer<>(
            configuration.kafka().clientProperties(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    deadLetterTopic = configuration.topics().deadLetters();
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(deadLetterTopic, configuration.topics().textResponses())) {
      consumer
          .partitionsFor(topic)
          .forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Codes of the dead letters by "partition/offset" of the record. */
  Map<String, String> deadLetters() {
    return deadLetters;
  }

  /** Codes of all ConversationFailed of a conversation. */
  Set<String> failures(String conversation) {
    return failures.getOrDefault(conversation, Set.of());
  }

  /** Reads until the condition holds or the time is up. */
  void readUntil(BooleanSupplier condition, Duration patience) throws RecordDecodingException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) throws RecordDecodingException {
    if (record.topic().equals(deadLetterTopic)) {
      DeadLetter letter = Records.decodeDeadLetter(record.value());
      deadLetters.put(letter.getPartition() + "/" + letter.getOffset(), letter.getCode());
      return;
    }
    TextResponse response = Records.decodeTextResponse(record.value());
    if (response.getBody() instanceof ConversationFailed failed) {
      failures
          .computeIfAbsent(response.getConversationId(), id -> new TreeSet<>())
          .add(failed.getCode());
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
