package io.antiphon.benchmarks.calls;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.CallAnalyticsJob;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.local.EmbeddedKafka;
import io.antiphon.local.LocalFlink;
import io.antiphon.local.TopicCreator;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How soon what is said in live calls is told, and what a call costs. */
@Command(
    name = "calls",
    description = {
      "Calls of two in real time through Kafka, Flink and call analytics in this process: how long after its words a",
      "segment, a partial text and an event reach a consumer, how long after its end each word, and what processor",
      "time a call takes."
    })
public final class CallsBenchmark extends Benchmark {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int CHUNK = TwoParties.RATE / 10;
  private static final long CHUNK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int LARGEST = 8 << 20;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "32",
      description = "At the same time; ${DEFAULT-VALUE} if not given.")
  private int calls;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "Length of each call; ${DEFAULT-VALUE} if not given.")
  private int seconds;

  @Option(
      names = "--calls-set",
      paramLabel = "NAME=VALUE",
      description = "A setting of call analytics, such as model.rows=8.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /** Milliseconds from the end of what a record tells to its arrival at the consumer. */
  private final List<Double> segments = new ArrayList<>();

  private final List<Double> partials = new ArrayList<>();
  private final FirstTexts words = new FirstTexts();
  private final List<Double> events = new ArrayList<>();
  private long begin;

  @Override
  public void measure(Report report) throws Exception {
    if (calls < 1 || seconds < 5) {
      throw new BenchmarkException(
          "--calls is "
              + calls
              + " and --seconds "
              + seconds
              + "; expected at least 1 and at least 5");
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LocalFlink flink = LocalFlink.start(1, new Configuration())) {
      Map<String, String> all = new LinkedHashMap<>();
      all.put("kafka.bootstrapServers", kafka.bootstrapServers());
      all.put("kafka.startingOffsets", "earliest");
      all.put("model.bundle", installation().resolve("models/nano").toString());
      all.putAll(settings);
      CallAnalyticsConfiguration configuration =
          CallAnalyticsConfiguration.read(Optional.empty(), all);
      TopicCreator.create(
          configuration.kafka().clientProperties(), configuration.topics().all(), 1);
      StreamExecutionEnvironment environment = flink.environment();
      CallAnalyticsJob.define(environment, configuration);
      LocalFlink.RunningJob job = flink.submit(environment, "calls", PATIENCE);
      report.setting("calls", calls).setting("seconds", seconds).setting("chunkMillis", 100);
      settings.forEach(report::setting);
      run(configuration, report);
      job.cancel();
    }
  }

  private void run(CallAnalyticsConfiguration configuration, Report report) throws Exception {
    Recordings recordings = recordings();
    List<float[][]> sounds = new ArrayList<>();
    for (int call = 0; call < calls; call++) {
      sounds.add(TwoParties.sound(recordings, call, seconds));
    }
    warmUp(configuration, sounds.get(0));
    double before = CpuTime.seconds();
    begin = System.nanoTime();
    Thread sender = new Thread(() -> send(configuration, sounds), "calls");
    sender.start();
    long summarised = receive(configuration, calls + 1);
    sender.join();
    double cores = (CpuTime.seconds() - before) / ((System.nanoTime() - begin) / 1e9);
    table(report, "final segment", segments, 1500);
    table(report, "partial text", partials, 2500);
    table(report, "word, to the first text that has it", words.late(), 2500);
    table(report, "event", events, 1000);
    report.row(
        "Work",
        Report.row(
            "calls",
            calls,
            "cores used, sender and broker included",
            cores,
            "last summary after the last words, s",
            (summarised - begin) / 1e9 - seconds,
            "resident MiB",
            CpuTime.residentMebibytes()));
  }

  private static void table(Report report, String what, List<Double> millis, double target) {
    if (millis.isEmpty()) {
      report.note("No " + what + " came.");
      return;
    }
    report.row(
        "Milliseconds from the end of the words to the consumer",
        Report.row(
            "what",
            what,
            "count",
            millis.size(),
            "p50",
            Percentiles.percentile(millis, 0.5),
            "p95",
            Percentiles.percentile(millis, 0.95),
            "most",
            Percentiles.percentile(millis, 1),
            "p95 to reach",
            target));
  }

  /** A call at full speed, so that nothing is interpreted or loaded in what is measured. */
  private void warmUp(CallAnalyticsConfiguration configuration, float[][] sound) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(configuration)) {
      int sequence = 0;
      send(producer, configuration, "warm-up", sequence++, started());
      for (int at = 0; at + CHUNK <= sound[0].length; at += CHUNK) {
        for (int channel = 0; channel < 2; channel++) {
          send(producer, configuration, "warm-up", sequence++, chunk(sound, channel, at));
        }
      }
      send(producer, configuration, "warm-up", sequence, new ConversationEnded());
    }
    receive(configuration, 1);
    segments.clear();
    partials.clear();
    words.clear();
    events.clear();
  }

  /** Each chunk is sent when it has been spoken; the calls side by side. */
  private void send(CallAnalyticsConfiguration configuration, List<float[][]> sounds) {
    try (KafkaProducer<byte[], byte[]> producer = producer(configuration)) {
      for (int call = 0; call < calls; call++) {
        send(producer, configuration, "call-" + call, 0, started());
      }
      int sequence = 1;
      int chunks = seconds * TwoParties.RATE / CHUNK;
      for (int i = 0; i < chunks; i++) {
        TimeUnit.NANOSECONDS.sleep(begin + (i + 1) * CHUNK_NANOS - System.nanoTime());
        for (int call = 0; call < calls; call++) {
          for (int channel = 0; channel < 2; channel++) {
            AudioChunk chunk = chunk(sounds.get(call), channel, i * CHUNK);
            send(producer, configuration, "call-" + call, sequence + channel, chunk);
          }
        }
        sequence += 2;
      }
      for (int call = 0; call < calls; call++) {
        send(producer, configuration, "call-" + call, sequence, new ConversationEnded());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(CallAnalyticsConfiguration configuration) {
    return new KafkaProducer<>(
        configuration.kafka().clientProperties(),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static ConversationStarted started() {
    return ConversationStarted.newBuilder()
        .setInputFormat(new AudioFormat("mulaw", TwoParties.RATE, 2))
        .setParticipants(
            List.of(new Participant("", "CUSTOMER", 0), new Participant("", "AGENT", 1)))
        .build();
  }

  private static AudioChunk chunk(float[][] sound, int channel, int at) {
    float[] samples = Arrays.copyOfRange(sound[channel], at, at + CHUNK);
    return new AudioChunk(ByteBuffer.wrap(SampleCoding.MULAW.encode(samples)), channel, -1L);
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer,
      CallAnalyticsConfiguration configuration,
      String call,
      long sequence,
      Object body) {
    var unused =
        producer.send(
            new ProducerRecord<>(
                configuration.topics().audioChunks(),
                Records.key(call),
                Records.encode(new ConversationEvent(call, sequence, 0L, 0, body))));
  }

  /**
   * Reads until so many summaries have come.
   *
   * @return when the last one came
   */
  private long receive(CallAnalyticsConfiguration configuration, int summaries) throws Exception {
    String segmentTopic = configuration.topics().callSegments();
    String eventTopic = configuration.topics().callEvents();
    String summaryTopic = configuration.topics().callSummaries();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            configuration.kafka().clientProperties(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          Stream.of(segmentTopic, eventTopic, summaryTopic)
              .map(topic -> new TopicPartition(topic, 0))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      int come = 0;
      long deadline = System.nanoTime() + PATIENCE.plusSeconds(2L * seconds).toNanos();
      while (come < summaries) {
        if (System.nanoTime() > deadline) {
          throw new BenchmarkException(
              come + " of " + summaries + " calls have a summary; the machine holds fewer calls");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
          long now = System.nanoTime();
          String topic = record.topic();
          if (topic.equals(summaryTopic)) {
            come++;
          } else if (topic.equals(segmentTopic)) {
            CallSegment segment = Records.decode(CallSegment.class, record.value(), LARGEST);
            if (!segment.getConversationId().equals("warm-up")) {
              (segment.getLast() ? segments : partials).add(late(now, segment.getEndMillis()));
              words.told(segment, (now - begin) / 1e6);
            }
          } else {
            CallEvent event = Records.decode(CallEvent.class, record.value(), LARGEST);
            boolean measured =
                event.getLast()
                    && List.of("INTERRUPTION", "NON_TALK").contains(event.getKind())
                    && !event.getConversationId().equals("warm-up");
            if (measured) {
              events.add(late(now, event.getEndMillis()));
            }
          }
        }
      }
      return System.nanoTime();
    }
  }

  private double late(long now, long mediaMillis) {
    return (now - begin) / 1e6 - mediaMillis;
  }
}
