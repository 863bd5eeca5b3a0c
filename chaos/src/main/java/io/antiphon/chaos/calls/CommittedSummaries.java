package io.antiphon.chaos.calls;

import io.antiphon.chaos.ChaosException;
import io.antiphon.schemas.CallSummary;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of {@code call-summaries}, a topic of one partition. */
final class CommittedSummaries implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LARGEST = 8 << 20;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Map<String, List<CallSummary>> byCall = new TreeMap<>();

  CommittedSummaries(Properties client, String topic) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty("isolation.level", "read_committed");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /** Reads what is committed now; returns how many calls of a prefix have one at least. */
  int read(String prefix) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      try {
        CallSummary summary = Records.decode(CallSummary.class, record.value(), LARGEST);
        byCall.computeIfAbsent(summary.getConversationId(), id -> new ArrayList<>()).add(summary);
      } catch (RecordDecodingException e) {
        throw new ChaosException("a summary cannot be read: " + e.getMessage(), e);
      }
    }
    return (int) byCall.keySet().stream().filter(id -> id.startsWith(prefix)).count();
  }

  /** Whether everything that is committed now has been read. */
  boolean caughtUp(String prefix) {
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    read(prefix);
    return consumer.position(partition) >= end;
  }

  List<CallSummary> of(String call) {
    return byCall.getOrDefault(call, List.of());
  }

  /** Ids of all calls that have a summary. */
  List<String> calls() {
    return List.copyOf(byCall.keySet());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
