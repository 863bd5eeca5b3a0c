package io.antiphon.local;

import io.antiphon.jobs.FeedbackJob;
import io.antiphon.jobs.configuration.FeedbackConfiguration;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** {@link FeedbackJob} beside a {@link NanoService}, what it is told and what it makes. */
final class FeedbackService implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Properties client;
  private final FeedbackConfiguration configuration;
  private final LocalFlink flink;
  private final LocalFlink.RunningJob job;

  private FeedbackService(
      Properties client,
      FeedbackConfiguration configuration,
      LocalFlink flink,
      LocalFlink.RunningJob job) {
    this.client = client;
    this.configuration = configuration;
    this.flink = flink;
    this.job = job;
  }

  /** Creates the topics and starts the job; it reads turns from the first on. */
  static FeedbackService start(NanoService nano) throws Exception {
    Properties client = nano.configuration().kafka().clientProperties();
    FeedbackConfiguration configuration =
        FeedbackConfiguration.read(
            Optional.empty(),
            Map.of(
                "kafka.bootstrapServers", client.getProperty("bootstrap.servers"),
                "kafka.startingOffsets", "earliest",
                "dataflow.flink.state.backend.type", "hashmap"));
    TopicCreator.create(
        client,
        List.of(configuration.topics().feedback(), configuration.topics().preferencePairs()),
        1);
    LocalFlink flink = LocalFlink.start(1, new Configuration());
    try {
      StreamExecutionEnvironment environment = flink.environment();
      FeedbackJob.define(environment, configuration);
      return new FeedbackService(
          client, configuration, flink, flink.submit(environment, "feedback", PATIENCE));
    } catch (RuntimeException e) {
      flink.close();
      throw e;
    }
  }

  LocalFlink.RunningJob job() {
    return job;
  }

  void send(List<Feedback> given) throws Exception {
    String topic = configuration.topics().feedback();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (Feedback feedback : given) {
        producer
            .send(
                new ProducerRecord<>(
                    topic, Records.key(feedback.getConversationId()), Records.encode(feedback)))
            .get();
      }
    }
  }

  /** Pairs by conversation, as soon as there are so many, else those that came in time. */
  Map<String, PreferencePair> pairs(long wanted) throws Exception {
    Map<String, PreferencePair> pairs = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(configuration.topics().preferencePairs(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
      while (pairs.size() < wanted && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          PreferencePair pair =
              Records.decode(PreferencePair.class, record.value(), Records.DEFAULT_MAXIMUM_BYTES);
          pairs.put(pair.getConversationId(), pair);
        }
      }
    }
    return pairs;
  }

  @Override
  public void close() throws Exception {
    flink.close();
  }
}
