package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.records.CallRecords;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.jobs.CallAnalyticsJob;
import io.antiphon.jobs.CallReplayJob;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.jobs.configuration.CallReplayConfiguration;
import io.antiphon.local.EmbeddedKafka;
import io.antiphon.local.LocalFlink;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.RecordingReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.MapFunction;
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
import org.junit.jupiter.api.io.TempDir;

/** Calls on a broker and a cluster, against what {@code analyze} says of their recordings. */
class LiveCallsITCase {
  private static final Path ROOT = Path.of("..");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final byte[] BOMB = "bomb".getBytes(StandardCharsets.UTF_8);

  /** The producer's clock in these records. */
  private static final long TIME = 1_800_000_000_000L;

  private static final List<String> CALLS = List.of("one", "two");

  private static final String REPLAYED = "call-summaries-replayed";

  private static final String RULES =
      "{\"version\":\"9\",\"categories\":[{\"name\":\"talked\",\"when\":{\"said\":"
          + "{\"phrases\":[\"*\"],\"by\":\"CUSTOMER\"}}}]}";

  @TempDir private Path folder;

  /** Fails once at each bomb. */
  private static final class Fuse implements MapFunction<InboundRecord, InboundRecord> {
    private static final long serialVersionUID = 1L;
    private static final AtomicLong LAST = new AtomicLong(-1);

    @Override
    public InboundRecord map(InboundRecord record) {
      if (BOMB.length == record.value().length && record.offset() > LAST.get()) {
        LAST.set(record.offset());
        throw new IllegalStateException("a bomb in the stream");
      }
      return record;
    }
  }

  /**
   * Live, by two subtasks of which one fails, and from the topic again by one subtask: the
   * summaries are byte by byte those of the recordings.
   */
  @Test
  void liveAfterAFailureAndReplayedTheSummaryIsThatOfTheRecording() throws Exception {
    Map<String, byte[]> expected = new LinkedHashMap<>();
    CallAnalyticsConfiguration settings = configuration("localhost:9092", "", 1);
    try (ModelHost host = ModelHosts.acquire(settings.model().hostSettings())) {
      for (int call = 0; call < CALLS.size(); call++) {
        Path file = folder.resolve(CALLS.get(call) + ".wav");
        new GeneratedCall(ROOT.resolve("samples"), 11 + call, 25, -50, 0).write(file);
        CallSummary summary =
            new CallRecording(CALLS.get(call), file)
                .analyse(
                    host,
                    ChannelRoles.of(new TreeMap<>(Map.of("agent", "left", "customer", "right"))),
                    RuleSet.NONE)
                .summary();
        assertThat(summary.transcript()).hasSizeGreaterThan(3);
        ModelIdentity model = new ModelIdentity(host.bundle().manifest().name(), "");
        expected.put(
            CALLS.get(call), Records.encode(CallRecords.summary(summary, TIME, model), 1 << 20));
      }
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LocalFlink flink = LocalFlink.start(2, new Configuration())) {
      CallAnalyticsConfiguration two = configuration(kafka.bootstrapServers(), "", 2);
      CallAnalyticsConfiguration one = configuration(kafka.bootstrapServers(), "-again", 1);
      createTopics(two, one);
      StreamExecutionEnvironment environment = flink.environment();
      CallAnalyticsJob.define(
          environment,
          two,
          records -> records.map(new Fuse()).returns(InboundRecord.TYPE).name("fuse").uid("fuse"));
      LocalFlink.RunningJob job = flink.submit(environment, "calls", PATIENCE);
      send(two, folder);
      Map<String, byte[]> live = summaries(two, two.topics().callSummaries());
      assertThat(job.restarts()).isEqualTo(1);
      job.cancel();
      assertSame(live, expected);

      StreamExecutionEnvironment again = flink.environment();
      CallAnalyticsJob.define(again, one);
      LocalFlink.RunningJob replay = flink.submit(again, "calls again", PATIENCE);
      Map<String, byte[]> replayed = summaries(one, one.topics().callSummaries());
      replay.cancel();
      assertSame(replayed, expected);

      judgedAgain(two, replayed);
    }
  }

  /** Other rules find what was said, without the model; all else stays as it was. */
  private static void judgedAgain(
      CallAnalyticsConfiguration configuration, Map<String, byte[]> before) throws Exception {
    CallReplayConfiguration replay =
        CallReplayConfiguration.read(
            Optional.empty(),
            Map.of(
                "kafka.bootstrapServers",
                configuration.kafka().bootstrapServers(),
                "dataflow.flink.state.backend.type",
                "hashmap"));
    // A cluster of its own that ends with the job.
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    CallReplayJob.define(environment, replay, RULES);
    environment.execute("other rules");
    Map<String, byte[]> after = summaries(configuration, REPLAYED);
    for (String call : CALLS) {
      io.antiphon.schemas.CallSummary found = decoded(after.get(call));
      assertThat(found.getRuleVersion()).isEqualTo("9");
      assertThat(found.getCategories()).extracting("name").containsExactly("talked");
      assertThat(found.getFigures()).isEqualTo(decoded(before.get(call)).getFigures());
    }
  }

  private static void assertSame(Map<String, byte[]> found, Map<String, byte[]> expected)
      throws Exception {
    for (String call : CALLS) {
      assertThat(decoded(found.get(call))).isEqualTo(decoded(expected.get(call)));
      assertThat(found.get(call)).isEqualTo(expected.get(call));
    }
    assertThat(found).containsOnlyKeys(CALLS);
  }

  private static io.antiphon.schemas.CallSummary decoded(byte[] value) throws Exception {
    return Records.decode(io.antiphon.schemas.CallSummary.class, value, 1 << 20);
  }

  private static CallAnalyticsConfiguration configuration(
      String bootstrap, String suffix, int parallelism) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("kafka.bootstrapServers", bootstrap);
    settings.put("kafka.startingOffsets", "earliest");
    settings.put("kafka.groupId", "calls" + suffix);
    settings.put("model.bundle", ROOT.resolve("models/nano").toString());
    settings.put("dataflow.parallelism", Integer.toString(parallelism));
    settings.put("dataflow.flink.execution.checkpointing.interval", "300ms");
    settings.put("dataflow.flink.restart-strategy.exponential-delay.initial-backoff", "50ms");
    settings.put("topics.analyticsRules", "analytics-rules" + suffix);
    settings.put("topics.callSegments", "call-segments" + suffix);
    settings.put("topics.callEvents", "call-events" + suffix);
    settings.put("topics.callSummaries", "call-summaries" + suffix);
    settings.put("topics.deadLetters", "dead-letters" + suffix);
    return CallAnalyticsConfiguration.read(Optional.empty(), settings);
  }

  private static void createTopics(
      CallAnalyticsConfiguration first, CallAnalyticsConfiguration second) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    topics.add(new NewTopic(first.topics().audioChunks(), 2, (short) 1));
    topics.add(new NewTopic(REPLAYED, 1, (short) 1));
    for (CallAnalyticsConfiguration each : List.of(first, second)) {
      each.topics().all().stream()
          .skip(1)
          .forEach(name -> topics.add(new NewTopic(name, 1, (short) 1)));
    }
    try (Admin admin = Admin.create(first.kafka().clientProperties())) {
      admin.createTopics(topics).all().get();
    }
  }

  /** Each call on a partition of its own; in the middle of the first one its reader fails. */
  private static void send(CallAnalyticsConfiguration configuration, Path folder) throws Exception {
    String topic = configuration.topics().audioChunks();
    List<List<byte[]>> calls = new ArrayList<>();
    for (String call : CALLS) {
      calls.add(records(call, folder.resolve(call + ".wav")));
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            configuration.kafka().clientProperties(),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      int most = Math.max(calls.get(0).size(), calls.get(1).size());
      for (int i = 0; i < most; i++) {
        for (int call = 0; call < CALLS.size(); call++) {
          if (i < calls.get(call).size()) {
            producer.send(
                new ProducerRecord<>(
                    topic, call, Records.key(CALLS.get(call)), calls.get(call).get(i)));
          }
        }
        if (i == most / 2) {
          producer.send(new ProducerRecord<>(topic, 0, BOMB, BOMB));
          producer.flush();
        }
      }
    }
  }

  private static List<byte[]> records(String call, Path file) throws IOException {
    List<byte[]> records = new ArrayList<>();
    records.add(
        event(
            call,
            0,
            ConversationStarted.newBuilder()
                .setInputFormat(new AudioFormat("pcm16", GeneratedCall.RATE / 2, 2))
                .setParticipants(
                    List.of(new Participant("", "AGENT", 0), new Participant("", "CUSTOMER", 1)))
                .build()));
    try (RecordingReader reader = RecordingReader.open(file)) {
      float[] piece = new float[2 * 800];
      for (int frames = reader.read(piece); frames >= 0; frames = reader.read(piece)) {
        for (int channel = 0; channel < 2; channel++) {
          float[] samples = new float[frames];
          for (int i = 0; i < frames; i++) {
            samples[i] = piece[2 * i + channel];
          }
          ByteBuffer bytes = ByteBuffer.wrap(SampleCoding.PCM16.encode(samples));
          records.add(event(call, records.size(), new AudioChunk(bytes, channel, -1L)));
        }
      }
    }
    records.add(event(call, records.size(), new ConversationEnded()));
    return records;
  }

  private static byte[] event(String call, long sequence, Object body) {
    return Records.encode(new ConversationEvent(call, sequence, TIME, 0, body));
  }

  /** The committed summaries, each call once. */
  private static Map<String, byte[]> summaries(
      CallAnalyticsConfiguration configuration, String topic) throws Exception {
    Properties properties = configuration.kafka().clientProperties();
    properties.setProperty("isolation.level", "read_committed");
    Map<String, byte[]> summaries = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
      while (System.nanoTime() < deadline && summaries.size() < CALLS.size()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          String call = decoded(record.value()).getConversationId();
          assertThat(summaries.put(call, record.value())).as("a second one of " + call).isNull();
        }
      }
    }
    return summaries;
  }
}
