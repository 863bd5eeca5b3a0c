package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.FeedbackJob;
import io.antiphon.jobs.configuration.FeedbackConfiguration;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.TextMessage;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** The model answers, somebody says what would have been better, and the trainer gets a pair. */
class FeedbackITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void feedbackAboutAnAnswerBecomesAPreferencePair() throws Exception {
    try (NanoService nano =
        NanoService.start(
            new AgentDataflow(),
            Map.of("dataflow.flink.execution.checkpointing.interval", "200ms"))) {
      Properties client = nano.configuration().kafka().clientProperties();
      FeedbackConfiguration configuration =
          FeedbackConfiguration.read(
              Optional.empty(),
              Map.of(
                  "kafka.bootstrapServers", client.getProperty("bootstrap.servers"),
                  "kafka.startingOffsets", "earliest",
                  "dataflow.flink.state.backend.type", "hashmap"));
      try (Admin admin = Admin.create(client)) {
        admin
            .createTopics(
                Stream.of(
                        configuration.topics().feedback(), configuration.topics().preferencePairs())
                    .map(topic -> new NewTopic(topic, 1, (short) 1))
                    .toList())
            .all()
            .get();
      }
      Answer answer;
      try (Caller caller = nano.call("judged", Mode.SPEECH_TO_TEXT)) {
        answer = caller.ask(new TextMessage("what is the capital of france"), piece -> {});
      }
      try (LocalFlink flink = LocalFlink.start(1, new Configuration())) {
        StreamExecutionEnvironment environment = flink.environment();
        FeedbackJob.define(environment, configuration);
        LocalFlink.RunningJob job = flink.submit(environment, "feedback", PATIENCE);
        send(
            client,
            configuration.topics().feedback(),
            Feedback.newBuilder()
                .setConversationId("judged")
                .setTurn(0)
                .setTime(Instant.ofEpochMilli(7))
                .setRating(-1)
                .setPreferredText("It is Paris, of course.")
                .build());

        PreferencePair pair = read(client, configuration.topics().preferencePairs());

        assertThat(pair.getQuestion()).isEqualTo("what is the capital of france");
        assertThat(pair.getChosen().getText()).isEqualTo("It is Paris, of course.");
        assertThat(pair.getRejected().getText()).isEqualTo(answer.text());
        assertThat(job.restarts()).isZero();
      }
    }
  }

  private static void send(Properties client, String topic, Feedback feedback) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  topic, Records.key(feedback.getConversationId()), Records.encode(feedback)))
          .get();
    }
  }

  private static PreferencePair read(Properties client, String topic) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          return Records.decode(
              PreferencePair.class, record.value(), Records.DEFAULT_MAXIMUM_BYTES);
        }
      }
    }
    throw new AssertionError("no pair came");
  }
}
