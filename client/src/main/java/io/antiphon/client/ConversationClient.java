package io.antiphon.client;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import io.antiphon.serde.kafka.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callers' side of Antiphon: one producer for all conversations and one thread that reads the
 * three output topics from where they end at construction. Uses nothing but Kafka and the records,
 * as any other client would.
 *
 * <p>Thread safe. Listeners are called on the reading thread and must only hand over.
 */
public final class ConversationClient implements Transport, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConversationClient.class);

  /** Skipped records that are logged one by one; all are counted. */
  private static final int TOLD_SKIPS = 20;

  private final AtomicLong skipped = new AtomicLong();
  private static final String BROKER_PATIENCE_MILLIS = "15000";
  private static final Duration POLL = Duration.ofMillis(200);

  private final TopicNames topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, ResponseListener> listeners = new ConcurrentHashMap<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread reader;

  /**
   * @param clientProperties at least {@code bootstrap.servers}
   * @throws ConnectionException if Kafka cannot be used, with the setting, host or topic
   */
  public ConversationClient(Properties clientProperties, TopicNames topics) {
    this.topics = topics;
    Properties producing = new Properties();
    producing.putAll(clientProperties);
    producing.putIfAbsent("max.block.ms", BROKER_PATIENCE_MILLIS);
    producing.setProperty("linger.ms", "0");
    Properties consuming = new Properties();
    consuming.putAll(clientProperties);
    consuming.putIfAbsent("default.api.timeout.ms", BROKER_PATIENCE_MILLIS);
    consuming.putIfAbsent("request.timeout.ms", BROKER_PATIENCE_MILLIS);
    consuming.setProperty("fetch.max.wait.ms", "100");
    this.producer =
        opened(
            clientProperties,
            () ->
                new KafkaProducer<>(
                    producing, new ByteArraySerializer(), new ByteArraySerializer()));
    try {
      this.consumer =
          opened(
              clientProperties,
              () ->
                  new KafkaConsumer<>(
                      consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    } catch (ConnectionException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    try {
      List<TopicPartition> partitions = outputPartitions(clientProperties);
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      // Positions are looked up lazily; what is sent after construction must not be skipped.
      partitions.forEach(consumer::position);
      // Likewise the first record would wait for the topic's metadata.
      producer.partitionsFor(topics.audioChunks());
    } catch (KafkaException e) {
      closeNow();
      throw BrokerErrors.explain(clientProperties, e);
    } catch (ConnectionException e) {
      closeNow();
      throw e;
    }
    this.reader = new Thread(this::read, "antiphon-client-reader");
    this.reader.setDaemon(true);
    this.reader.start();
  }

  @Override
  public AutoCloseable listen(String conversation, ResponseListener listener) {
    if (listeners.putIfAbsent(conversation, listener) != null) {
      throw new IllegalStateException("conversation " + conversation + " has a listener already");
    }
    return () -> listeners.remove(conversation);
  }

  @Override
  public void send(ConversationEvent event) {
    sendRaw(Records.key(event.getConversationId()), Records.encode(event));
  }

  /** Sends bytes as they are, for tests of bad input. */
  public void sendRaw(byte[] key, byte[] value) {
    producer.send(
        new ProducerRecord<>(topics.audioChunks(), key, value),
        (metadata, error) -> {
          if (error != null) {
            failure.compareAndSet(null, error);
          }
        });
  }

  @Override
  public void flush() {
    producer.flush();
    check();
  }

  @Override
  public void check() {
    Throwable error = failure.get();
    if (error != null) {
      throw new ConnectionException("the connection to Kafka failed: " + error.getMessage(), error);
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(2));
  }

  private void closeNow() {
    producer.close(Duration.ZERO);
    consumer.close();
  }

  private static <T> T opened(Properties clientProperties, Supplier<T> client) {
    try {
      return client.get();
    } catch (KafkaException e) {
      throw BrokerErrors.explain(clientProperties, e);
    }
  }

  private List<TopicPartition> outputPartitions(Properties clientProperties) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic :
        List.of(topics.textResponses(), topics.speechResponses(), topics.deadLetters())) {
      List<PartitionInfo> infos = consumer.partitionsFor(topic);
      if (infos == null || infos.isEmpty()) {
        throw new ConnectionException(
            BrokerErrors.missing(topic, clientProperties.getProperty("bootstrap.servers")), null);
      }
      infos.forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
    }
    return partitions;
  }

  private void read() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record);
        }
      }
    } catch (WakeupException e) {
      LOG.debug("The reader was asked to stop");
    } catch (RuntimeException e) {
      LOG.error("The reader of the output topics died", e);
      failure.compareAndSet(null, e);
      listeners.values().forEach(l -> l.onFailure(e));
    }
  }

  /** Records of the output topics that could not be read and were skipped. */
  public long skippedRecords() {
    return skipped.get();
  }

  /** One record that cannot be read, of a later release for example, must not end all calls. */
  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      dispatch(record);
    } catch (RecordDecodingException e) {
      if (skipped.incrementAndGet() <= TOLD_SKIPS) {
        LOG.warn(
            "Skipping {}-{} offset {}: {}: {}",
            record.topic(),
            record.partition(),
            record.offset(),
            e.code(),
            e.getMessage());
      }
    }
  }

  private void dispatch(ConsumerRecord<byte[], byte[]> record) throws RecordDecodingException {
    if (record.topic().equals(topics.deadLetters())) {
      DeadLetter letter = Records.decodeDeadLetter(record.value());
      listeners.values().forEach(l -> l.onDeadLetter(letter));
      return;
    }
    ResponseListener listener = listeners.get(Records.conversationId(record.key()));
    if (listener == null) {
      return;
    }
    if (record.topic().equals(topics.textResponses())) {
      listener.onText(Records.decodeTextResponse(record.value()));
    } else {
      listener.onSpeech(Records.decodeSpeechResponse(record.value()));
    }
  }
}
