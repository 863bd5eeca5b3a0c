package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.records.CallRecords;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.jobs.CallAnalyticsJob;
import io.antiphon.jobs.CallReplayJob;
import io.antiphon.jobs.RecordingsJob;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.jobs.configuration.CallReplayConfiguration;
import io.antiphon.jobs.configuration.RecordingsConfiguration;
import io.antiphon.local.EmbeddedKafka;
import io.antiphon.local.LocalFlink;
import io.antiphon.local.TopicCreator;
import io.antiphon.operators.calls.ModelSummarizer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.RecordingReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** A call whose other party is an agent of this house. */
  private static final String ANSWERED = "answered";

  private static final String ANSWER = "Seven and eight are fifteen.";
  private static final long ANSWER_MILLIS = 1800;

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
                    RuleSet.NONE,
                    new ModelSummarizer(host))
                .summary();
        assertThat(summary.transcript()).hasSizeGreaterThan(3);
        ModelIdentity model =
            new ModelIdentity(host.bundle().manifest().name(), host.bundle().digest());
        expected.put(
            CALLS.get(call), Records.encode(CallRecords.summary(summary, TIME, model), 1 << 20));
      }
    }
    int port = freePort();
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LocalFlink flink = LocalFlink.start(2, scraped(port))) {
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
      Map<String, byte[]> live = summaries(two, two.topics().callSummaries(), CALLS.size() + 1);
      assertThat(job.restarts()).isEqualTo(1);
      assertThat(metrics(port)).as("what the dashboard asks for").containsAll(asked());
      job.cancel();
      byte[] answered = live.remove(ANSWERED);
      assertAnswered(answered, all(two, two.topics().callSegments()));
      assertSame(live, expected);

      StreamExecutionEnvironment again = flink.environment();
      CallAnalyticsJob.define(again, one);
      LocalFlink.RunningJob replay = flink.submit(again, "calls again", PATIENCE);
      Map<String, byte[]> replayed = summaries(one, one.topics().callSummaries(), CALLS.size() + 1);
      replay.cancel();
      assertThat(replayed.remove(ANSWERED)).isEqualTo(answered);
      assertSame(replayed, expected);

      Map<String, String> told = told(two);
      assertThat(told.keySet()).anyMatch(each -> each.startsWith("metrics one "));
      assertThat(told(one)).isEqualTo(told);
      recorded(two, expected);
      judgedAgain(two, replayed);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Configuration scraped(int port) {
    Configuration configuration = new Configuration();
    configuration.setString(
        "metrics.reporter.prometheus.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    configuration.setString("metrics.reporter.prometheus.port", String.valueOf(port));
    return configuration;
  }

  private static Set<String> metrics(int port) throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofLines())
        .body()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The metrics in the dashboard of calls. */
  private static Set<String> asked() throws IOException {
    Set<String> asked = new TreeSet<>();
    Pattern metric = Pattern.compile("flink_[A-Za-z0-9_]+");
    for (JsonNode expression :
        new ObjectMapper()
            .readTree(Files.readString(ROOT.resolve("deploy/monitoring/grafana/calls.json")))
            .findValues("expr")) {
      for (Matcher found = metric.matcher(expression.textValue()); found.find(); ) {
        asked.add(found.group());
      }
    }
    assertThat(asked).hasSizeGreaterThan(10);
    return asked;
  }

  /**
   * The folder's recordings give what the live calls gave, and a file that is none harms nothing.
   */
  private void recorded(CallAnalyticsConfiguration live, Map<String, byte[]> expected)
      throws Exception {
    for (String call : CALLS) {
      Files.setLastModifiedTime(folder.resolve(call + ".wav"), FileTime.fromMillis(TIME));
    }
    Files.writeString(folder.resolve("notes.txt"), "no recording");
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("kafka.bootstrapServers", live.kafka().bootstrapServers());
    settings.put("recordings.folders", folder.toString());
    settings.put("calls.summary", "model");
    settings.put("model.bundle", ROOT.resolve("models/nano").toString());
    settings.put("dataflow.parallelism", "2");
    settings.put("dataflow.flink.execution.checkpointing.interval", "300ms");
    for (String topic :
        List.of("callSegments", "callEvents", "callMetrics", "callSummaries", "deadLetters")) {
      settings.put("topics." + topic, topic + "-recorded");
    }
    RecordingsConfiguration configuration =
        RecordingsConfiguration.read(Optional.empty(), settings);
    TopicCreator.create(live.kafka().clientProperties(), configuration.topics().all(), 1);
    // A cluster of its own that ends with the job: then all is written and committed.
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
    RecordingsJob.define(environment, configuration, "");
    environment.execute("recordings");
    assertSame(summaries(live, configuration.topics().callSummaries(), CALLS.size()), expected);
    List<byte[]> letters = all(live, configuration.topics().deadLetters());
    assertThat(letters).hasSize(1);
    assertThat(Records.decode(DeadLetter.class, letters.get(0), 1 << 20).getMessage())
        .contains("notes.txt");
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
    Map<String, byte[]> after = summaries(configuration, REPLAYED, CALLS.size() + 1);
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
    settings.put("topics.callSegmentsOriginal", "call-segments-original" + suffix);
    settings.put("topics.callEvents", "call-events" + suffix);
    settings.put("topics.callMetrics", "call-metrics" + suffix);
    settings.put("calls.partialInterval", "2s");
    settings.put("calls.summary", "model");
    settings.put("topics.callSummaries", "call-summaries" + suffix);
    settings.put("topics.deadLetters", "dead-letters" + suffix);
    settings.put("topics.completedTurns", "completed-turns");
    return CallAnalyticsConfiguration.read(Optional.empty(), settings);
  }

  private static void createTopics(
      CallAnalyticsConfiguration first, CallAnalyticsConfiguration second) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    topics.add(new NewTopic(first.topics().audioChunks(), 2, (short) 1));
    topics.add(new NewTopic(REPLAYED, 1, (short) 1));
    Stream.of(first, second)
        .flatMap(each -> each.topics().all().stream().skip(1))
        .distinct()
        .forEach(name -> topics.add(new NewTopic(name, 1, (short) 1)));
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
          // Of a call that never began: dead letters are counted once there is one.
          producer.send(
              new ProducerRecord<>(
                  topic,
                  0,
                  Records.key("stranger"),
                  event("stranger", 0, new ConversationEnded())));
          producer.flush();
        }
      }
      for (byte[] record : answered(folder.resolve(CALLS.get(0) + ".wav"))) {
        producer.send(new ProducerRecord<>(topic, 1, Records.key(ANSWERED), record));
      }
      CompletedTurn turn =
          CompletedTurn.newBuilder()
              .setConversationId(ANSWERED)
              .setTurn(0)
              .setTime(Instant.ofEpochMilli(TIME))
              .setText(ANSWER)
              .setAudioMillis(ANSWER_MILLIS)
              .build();
      producer.send(
          new ProducerRecord<>(
              configuration.topics().completedTurns().orElseThrow(),
              Records.key(ANSWERED),
              Records.encode(turn, Records.DEFAULT_MAXIMUM_BYTES)));
    }
  }

  /** The customer of a recording, who hears an answer before the call ends. */
  private static List<byte[]> answered(Path file) throws IOException {
    List<byte[]> records = new ArrayList<>();
    records.add(
        event(
            ANSWERED,
            0,
            ConversationStarted.newBuilder()
                .setMode(Mode.SPEECH_TO_SPEECH)
                .setInputFormat(new AudioFormat("pcm16", GeneratedCall.RATE / 2, 1))
                .build()));
    for (byte[] record : records("", file)) {
      Object body = decodedEvent(record).getBody();
      if (body instanceof AudioChunk chunk && chunk.getChannel() == 1) {
        records.add(event(ANSWERED, records.size(), new AudioChunk(chunk.getBytes(), 0, -1L)));
      }
    }
    records.add(event(ANSWERED, records.size(), new PlaybackAcknowledged(0, ANSWER_MILLIS)));
    records.add(event(ANSWERED, records.size(), new ConversationEnded()));
    return records;
  }

  private static ConversationEvent decodedEvent(byte[] value) throws IOException {
    try {
      return Records.decode(ConversationEvent.class, value, 1 << 20);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }

  /** Of the two parties the agent was not heard: what it said is taken from its own records. */
  private static void assertAnswered(byte[] summary, List<byte[]> segments) throws Exception {
    assertThat(decoded(summary).getFigures().getParticipants().get(1).getTalkMillis())
        .isEqualTo(ANSWER_MILLIS);
    List<String> said = new ArrayList<>();
    for (byte[] value : segments) {
      CallSegment each = Records.decode(CallSegment.class, value, 1 << 20);
      if (each.getConversationId().equals(ANSWERED) && each.getChannel() == 1) {
        said.add(each.getTurn() + " " + each.getRole() + " " + each.getText());
      }
    }
    assertThat(said).containsOnly("0 AGENT " + ANSWER);
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

  /**
   * Segments, events and metrics by their identity.
   *
   * @throws AssertionError when one identity has two values
   */
  private static Map<String, String> told(CallAnalyticsConfiguration configuration)
      throws Exception {
    Map<String, String> told = new TreeMap<>();
    for (byte[] value : all(configuration, configuration.topics().callSegments())) {
      CallSegment each = Records.decode(CallSegment.class, value, 1 << 20);
      put(
          told,
          each.getConversationId() + " " + each.getSegmentId() + " " + each.getRevision(),
          value);
    }
    for (byte[] value : all(configuration, configuration.topics().callEvents())) {
      CallEvent each = Records.decode(CallEvent.class, value, 1 << 20);
      put(
          told,
          each.getConversationId() + " " + each.getEventId() + " " + each.getRevision(),
          value);
    }
    for (byte[] value : all(configuration, configuration.topics().callMetrics())) {
      CallMetrics each = Records.decode(CallMetrics.class, value, 1 << 20);
      put(told, "metrics " + each.getConversationId() + " " + each.getRevision(), value);
    }
    return told;
  }

  private static void put(Map<String, String> told, String name, byte[] value) {
    String hex = HexFormat.of().formatHex(value);
    String before = told.put(name, hex);
    assertThat(before == null ? hex : before).as(name).isEqualTo(hex);
  }

  /** All that a topic holds now; the summaries, which are written last, are there. */
  private static List<byte[]> all(CallAnalyticsConfiguration configuration, String topic) {
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            configuration.kafka().clientProperties(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  /** The committed summaries, each call once. */
  private static Map<String, byte[]> summaries(
      CallAnalyticsConfiguration configuration, String topic, int number) throws Exception {
    Properties properties = configuration.kafka().clientProperties();
    properties.setProperty("isolation.level", "read_committed");
    Map<String, byte[]> summaries = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE.toSeconds());
      while (System.nanoTime() < deadline && summaries.size() < number) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          String call = decoded(record.value()).getConversationId();
          assertThat(summaries.put(call, record.value())).as("a second one of " + call).isNull();
        }
      }
    }
    return summaries;
  }
}
