package io.antiphon.gateway.conversation;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One producer for all conversations of a node, and one thread that reads the node's partitions of
 * the two response topics from where they end. Partitions are assigned, never subscribed: a socket
 * does not move when a group is balanced anew.
 */
final class KafkaTopics implements Topics, AutoCloseable {
  /** Names of the topics. */
  record Names(String audioChunks, String textResponses, String speechResponses) {}

  private static final Logger LOG = LoggerFactory.getLogger(KafkaTopics.class);
  private static final String BROKER_PATIENCE_MILLIS = "15000";
  private static final Duration POLL = Duration.ofMillis(200);

  /** A strand must not wait for long; what cannot be buffered so soon ends the conversation. */
  private static final String SEND_PATIENCE_MILLIS = "2000";

  private final Properties properties;
  private final Names names;
  private final int partitions;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, Receiver> receivers = new ConcurrentHashMap<>();
  private final Set<Integer> assigned = ConcurrentHashMap.newKeySet();
  private final Set<Integer> wanted = ConcurrentHashMap.newKeySet();
  private final Map<Integer, CompletableFuture<Void>> reading = new ConcurrentHashMap<>();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private final AtomicLong undecodable = new AtomicLong();
  private final Thread reader;
  private volatile boolean closing;

  /**
   * @param properties of every client; at least {@code bootstrap.servers}
   * @param owned the partitions that this node reads
   * @throws KafkaException when the broker does not answer, a topic is missing, or the topics have
   *     different numbers of partitions
   */
  KafkaTopics(Properties properties, Names names, IntPredicate owned) {
    this.properties = properties;
    this.names = names;
    Properties producing = new Properties();
    producing.putAll(properties);
    producing.setProperty("max.block.ms", SEND_PATIENCE_MILLIS);
    producing.setProperty("linger.ms", "0");
    this.producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
    this.consumer = consumer(properties);
    try {
      this.partitions = countPartitions();
      for (int p = 0; p < partitions; p++) {
        if (owned.test(p)) {
          assigned.add(p);
        }
      }
      List<TopicPartition> all = outputs(assigned);
      consumer.assign(all);
      consumer.seekToEnd(all);
      // Positions are looked up lazily; what is sent after construction must not be skipped.
      all.forEach(consumer::position);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      consumer.close();
      throw e;
    }
    this.reader = new Thread(this::read, "antiphon-gateway-reader");
    reader.setDaemon(true);
    reader.start();
  }

  static KafkaConsumer<byte[], byte[]> consumer(Properties properties) {
    Properties consuming = new Properties();
    consuming.putAll(properties);
    consuming.putIfAbsent("default.api.timeout.ms", BROKER_PATIENCE_MILLIS);
    consuming.putIfAbsent("request.timeout.ms", BROKER_PATIENCE_MILLIS);
    consuming.setProperty("fetch.min.bytes", "1");
    consuming.setProperty("fetch.max.wait.ms", "100");
    consuming.setProperty("enable.auto.commit", "false");
    consuming.setProperty("auto.offset.reset", "latest");
    return new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Of every topic. */
  int partitions() {
    return partitions;
  }

  Names names() {
    return names;
  }

  boolean owns(int partition) {
    return assigned.contains(partition);
  }

  /** Why nothing is read any more; empty while all is well. */
  Optional<String> failure() {
    return Optional.ofNullable(failure.get());
  }

  long undecodable() {
    return undecodable.get();
  }

  int conversations() {
    return receivers.size();
  }

  void register(String conversationId, Receiver receiver) {
    receivers.put(conversationId, receiver);
    String dead = failure.get();
    if (dead != null) {
      receiver.lost(dead);
    }
  }

  /**
   * Reads one more partition from where it ends, for a conversation that was another node's; it is
   * not drawn from for new ones.
   */
  void read(int partition) {
    if (assigned.contains(partition)) {
      return;
    }
    reading.computeIfAbsent(partition, p -> new CompletableFuture<>());
    wanted.add(partition);
    consumer.wakeup();
  }

  /** On the reader's thread. */
  private void readWanted() {
    if (wanted.isEmpty()) {
      return;
    }
    Set<Integer> more = new HashSet<>(wanted);
    Set<TopicPartition> all = new HashSet<>(consumer.assignment());
    List<TopicPartition> added = outputs(more).stream().filter(all::add).toList();
    Map<TopicPartition, Long> before = new HashMap<>();
    consumer.assignment().forEach(p -> before.put(p, consumer.position(p)));
    consumer.assign(all);
    before.forEach(consumer::seek);
    consumer.seekToEnd(added);
    added.forEach(consumer::position);
    wanted.removeAll(more);
    more.forEach(p -> Objects.requireNonNull(reading.get(p)).complete(null));
  }

  /** Waits until what comes now in a conversation's partition is read. */
  private void awaitReading(int partition) {
    CompletableFuture<Void> begun = reading.get(partition);
    if (begun != null) {
      try {
        begun.get(Long.parseLong(BROKER_PATIENCE_MILLIS), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KafkaException("stopped");
      } catch (ExecutionException | TimeoutException e) {
        throw new KafkaException("partition " + partition + " is not read", e);
      }
    }
  }

  /**
   * Reads a conversation's responses of the last while again, on a thread of its own, and hands
   * them to a receiver. What comes meanwhile comes as usual, so that some come twice.
   */
  void replay(String conversationId, Duration back, Receiver receiver) {
    Thread thread =
        new Thread(
            () -> {
              try {
                readAgain(conversationId, back, receiver);
              } catch (KafkaException e) {
                LOG.warn("Conversation {} cannot be read again: {}", conversationId, e.toString());
                receiver.lost("what was answered cannot be read again");
              }
            },
            "antiphon-gateway-replay");
    thread.setDaemon(true);
    thread.start();
  }

  private void readAgain(String conversationId, Duration back, Receiver receiver) {
    try (KafkaConsumer<byte[], byte[]> again = consumer(properties)) {
      int number = BuiltInPartitioner.partitionForKey(Records.key(conversationId), partitions);
      awaitReading(number);
      List<TopicPartition> read = outputs(Set.of(number));
      again.assign(read);
      Map<TopicPartition, Long> ends = again.endOffsets(read);
      long since = System.currentTimeMillis() - back.toMillis();
      Map<TopicPartition, Long> times = new HashMap<>();
      read.forEach(partition -> times.put(partition, since));
      again
          .offsetsForTimes(times)
          .forEach(
              (partition, offset) ->
                  again.seek(partition, offset == null ? end(ends, partition) : offset.offset()));
      while (read.stream().anyMatch(p -> again.position(p) < end(ends, p))) {
        for (ConsumerRecord<byte[], byte[]> record : again.poll(POLL)) {
          deliver(record, conversationId, receiver);
        }
      }
    }
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    return Objects.requireNonNull(ends.get(partition));
  }

  @Override
  public void forget(String conversationId) {
    receivers.remove(conversationId);
  }

  @Override
  public void send(ConversationEvent event) {
    String id = event.getConversationId();
    try {
      var unused =
          producer.send(
              new ProducerRecord<>(names.audioChunks(), Records.key(id), Records.encode(event)),
              (metadata, error) -> {
                if (error != null) {
                  notSent(id, String.valueOf(error.getMessage()));
                }
              });
    } catch (KafkaException | IllegalArgumentException e) {
      notSent(id, String.valueOf(e.getMessage()));
    }
  }

  private void notSent(String id, String why) {
    LOG.warn("An event of conversation {} could not be sent: {}", id, why);
    Receiver receiver = receivers.get(id);
    if (receiver != null) {
      receiver.lost("what the caller said could not be sent");
    }
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(2));
  }

  private int countPartitions() {
    Set<Integer> counts = new HashSet<>();
    for (String topic :
        List.of(names.audioChunks(), names.textResponses(), names.speechResponses())) {
      List<?> found = consumer.partitionsFor(topic);
      if (found == null || found.isEmpty()) {
        throw new KafkaException(
            "topic " + topic + " does not exist; expected the topics of a running dataflow");
      }
      counts.add(found.size());
    }
    if (counts.size() != 1) {
      throw new KafkaException(
          "the topics have " + counts + " partitions; expected the same number for all three");
    }
    return counts.iterator().next();
  }

  private List<TopicPartition> outputs(Set<Integer> numbers) {
    List<TopicPartition> all = new ArrayList<>();
    for (int p : numbers) {
      all.add(new TopicPartition(names.textResponses(), p));
      all.add(new TopicPartition(names.speechResponses(), p));
    }
    return all;
  }

  private void read() {
    try (consumer) {
      while (!closing) {
        try {
          readWanted();
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            dispatch(record);
          }
        } catch (WakeupException e) {
          LOG.debug("The reader was asked to stop or to read more");
        }
      }
    } catch (RuntimeException e) {
      LOG.error("The reader of the response topics died", e);
      String why = "what is answered cannot be read: " + e.getMessage();
      failure.set(why);
      receivers.values().forEach(receiver -> receiver.lost(why));
    }
  }

  private void dispatch(ConsumerRecord<byte[], byte[]> record) {
    try {
      String id = Records.conversationId(record.key());
      Receiver receiver = receivers.get(id);
      if (receiver != null) {
        deliver(record, id, receiver);
      }
    } catch (RecordDecodingException e) {
      undecodable(record, e);
    }
  }

  /** Hands a record over if it is of the conversation. */
  private void deliver(
      ConsumerRecord<byte[], byte[]> record, String conversationId, Receiver receiver) {
    try {
      if (!Arrays.equals(record.key(), Records.key(conversationId))) {
        return;
      }
      if (record.topic().equals(names.textResponses())) {
        receiver.text(Records.decode(TextResponse.class, record.value(), Integer.MAX_VALUE));
      } else {
        receiver.speech(Records.decode(SpeechResponse.class, record.value(), Integer.MAX_VALUE));
      }
    } catch (RecordDecodingException e) {
      undecodable(record, e);
    }
  }

  private void undecodable(ConsumerRecord<byte[], byte[]> record, RecordDecodingException e) {
    undecodable.incrementAndGet();
    LOG.warn(
        "A record of {}-{} at {} cannot be read: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        e.getMessage());
  }
}
