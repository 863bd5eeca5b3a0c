package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.Pace;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A thousand bad records among live conversations: each is explained, none does harm. */
class HostileRecordsITCase {
  private static final int HOSTILE = 1000;
  private static final int LIVE = 20;
  private static final long SEED = 11;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String IDLE_TIMEOUT = "12s";

  /**
   * Live callers are heard of so often while they wait for an answer: the end of an idle
   * conversation would cut it.
   */
  private static final Duration ACKNOWLEDGED = Duration.ofSeconds(1);

  /** Records of a conversation may lie so far apart: large ones of others come between them. */
  private static final String REORDER_WAIT = "5s";

  @Test
  void everyBadRecordIsExplainedAndEveryLiveConversationAnswered() throws Exception {
    List<HostileRecord> hostile = HostileRecords.make(HOSTILE, SEED);
    ExecutorService callers = Executors.newFixedThreadPool(LIVE);
    ScheduledExecutorService playback = Executors.newSingleThreadScheduledExecutor();
    // Closed at the end: the farewell of one that waited long would be a dead letter more.
    List<Caller> speaking = new ArrayList<>();
    try (NanoService nano =
            NanoService.start(
                new AgentDataflow(),
                Map.of(
                    "conversations.idleTimeout",
                    IDLE_TIMEOUT,
                    "conversations.reorderWait",
                    REORDER_WAIT));
        OutcomeReader outcomes = new OutcomeReader(nano.configuration())) {
      List<JsonNode> questions = Samples.questions();
      Map<Integer, Future<Answer>> answers = new LinkedHashMap<>();
      for (int i = 0; i < LIVE; i++) {
        JsonNode question = questions.get(i % questions.size());
        Caller caller = nano.call(Mode.SPEECH_TO_SPEECH);
        speaking.add(caller);
        answers.put(i, callers.submit(() -> ask(caller, question, playback)));
      }
      Map<HostileRecord, RecordMetadata> sent = send(nano, hostile);

      outcomes.readUntil(
          () -> unexplained(sent, outcomes).isEmpty() && open(hostile, outcomes).isEmpty(),
          PATIENCE);
      assertThat(unexplained(sent, outcomes)).isEmpty();
      assertThat(outcomes.deadLetters())
          .hasSize(
              (int)
                  hostile.stream()
                      .filter(h -> h.outcome() == HostileRecord.Outcome.DEAD_LETTER)
                      .count());
      // Nothing stays behind: who never comes back is ended.
      assertThat(open(hostile, outcomes)).isEmpty();
      assertThat(nano.service().job().restarts()).isZero();
      for (Map.Entry<Integer, Future<Answer>> live : answers.entrySet()) {
        Answer answer = live.getValue().get();
        assertThat(answer.text())
            .isEqualTo(Samples.expected(questions.get(live.getKey() % questions.size())));
        assertThat(NanoService.loudness(answer)).isGreaterThan(0.01);
      }
      speaking.forEach(Caller::close);
    } finally {
      callers.shutdownNow();
      playback.shutdownNow();
    }
  }

  private static Answer ask(Caller caller, JsonNode question, ScheduledExecutorService playback)
      throws Exception {
    caller.speak(Samples.recording(question), Pace.IMMEDIATE);
    Future<?> acknowledging =
        playback.scheduleAtFixedRate(
            () -> caller.send(new PlaybackAcknowledged(0, 0L)),
            ACKNOWLEDGED.toMillis(),
            ACKNOWLEDGED.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      return caller.ask(new TurnEnded(), piece -> {});
    } finally {
      acknowledging.cancel(false);
    }
  }

  private static Map<HostileRecord, RecordMetadata> send(
      NanoService nano, List<HostileRecord> hostile)
      throws ExecutionException, InterruptedException {
    Properties properties = nano.configuration().kafka().clientProperties();
    properties.setProperty("max.request.size", Integer.toString(16 << 20));
    String topic = nano.configuration().topics().audioChunks();
    Map<HostileRecord, Future<RecordMetadata>> sending = new LinkedHashMap<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (HostileRecord record : hostile) {
        record.before().forEach(event -> producer.send(harmless(topic, event)));
        sending.put(
            record, producer.send(new ProducerRecord<>(topic, record.key(), record.value())));
        record.after().forEach(event -> producer.send(harmless(topic, event)));
      }
    }
    Map<HostileRecord, RecordMetadata> sent = new LinkedHashMap<>();
    for (Map.Entry<HostileRecord, Future<RecordMetadata>> record : sending.entrySet()) {
      sent.put(record.getKey(), record.getValue().get());
    }
    return sent;
  }

  private static ProducerRecord<byte[], byte[]> harmless(String topic, ConversationEvent event) {
    return new ProducerRecord<>(
        topic, Records.key(event.getConversationId()), Records.encode(event));
  }

  private static List<String> unexplained(
      Map<HostileRecord, RecordMetadata> sent, OutcomeReader outcomes) {
    List<String> missing = new ArrayList<>();
    sent.forEach(
        (record, place) -> {
          boolean explained =
              record.outcome() == HostileRecord.Outcome.DEAD_LETTER
                  ? record
                      .code()
                      .equals(outcomes.deadLetters().get(place.partition() + "/" + place.offset()))
                  : outcomes.failures(record.conversation()).contains(record.code());
          if (!explained) {
            missing.add(
                record.kind()
                    + ": expected "
                    + record.code()
                    + ", found "
                    + outcomes.deadLetters().get(place.partition() + "/" + place.offset())
                    + " and "
                    + outcomes.failures(record.conversation()));
          }
        });
    return missing;
  }

  private static List<String> open(List<HostileRecord> hostile, OutcomeReader outcomes) {
    return hostile.stream()
        .filter(HostileRecord::staysOpen)
        .filter(
            record -> !outcomes.failures(record.conversation()).contains(FailureCodes.IDLE_TIMEOUT))
        .map(record -> record.kind() + " in " + record.conversation())
        .toList();
  }
}
