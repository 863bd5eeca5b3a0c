package io.antiphon.cli;

import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the live topics of calls into a board, on a thread of its own. */
final class BoardFeed implements AutoCloseable {
  /** Calls that went on when the page was started are seen from so long before. */
  private static final Duration BEFORE = Duration.ofHours(1);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final int LARGEST = 8 << 20;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final LiveCallBoard board;
  private final String metrics;
  private final String segments;
  private final String events;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Thread thread;

  /**
   * @param client how to reach Kafka
   */
  BoardFeed(
      Properties client, String metrics, String segments, String events, LiveCallBoard board) {
    this.consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.metrics = metrics;
    this.segments = segments;
    this.events = events;
    this.board = board;
    this.thread = new Thread(this::read, "antiphon-board-feed");
    thread.setDaemon(true);
    thread.start();
  }

  /** Completes when nothing is read any more, exceptionally if Kafka cannot be read. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  private void read() {
    try (consumer) {
      assign();
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record);
        }
      }
    } catch (WakeupException e) {
      ended.complete(null); // closed
    } catch (RuntimeException e) {
      ended.completeExceptionally(e);
    }
  }

  private void assign() {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(metrics, segments, events)) {
      consumer
          .partitionsFor(topic)
          .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
    }
    consumer.assign(partitions);
    Map<TopicPartition, Long> times = new HashMap<>();
    long from = Instant.now().minus(BEFORE).toEpochMilli();
    partitions.forEach(each -> times.put(each, from));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition each : partitions) {
      OffsetAndTimestamp at = found.get(each);
      if (at == null) {
        consumer.seekToEnd(List.of(each));
      } else {
        consumer.seek(each, at.offset());
      }
    }
  }

  /** What cannot be read is another release's, and is not shown. */
  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(metrics)) {
        board.add(Records.decode(CallMetrics.class, record.value(), LARGEST));
      } else if (record.topic().equals(segments)) {
        board.add(Records.decode(CallSegment.class, record.value(), LARGEST));
      } else {
        board.add(Records.decode(CallEvent.class, record.value(), LARGEST));
      }
    } catch (RecordDecodingException e) {
      board.unreadable();
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
