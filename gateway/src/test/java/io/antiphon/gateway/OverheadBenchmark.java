package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.openai.models.realtime.RealtimeServerEvent;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/**
 * What the gateway adds to the first audio of an answer: the same record is received by a Kafka
 * consumer of one's own and, as an event, by OpenAI's client, side by side.
 */
// Not an ITCase: a figure of time is measured on purpose (-Dit.test=OverheadBenchmark), never in
// the build.
class OverheadBenchmark {
  private static final int TURNS = 10;
  private static final double MOST_MILLIS = 10;

  @Test
  void firstAudioComesAsSoonAsOnKafka() throws Exception {
    try (NanoDataflow dataflow = new NanoDataflow(Map.of());
        GatewayServer gateway =
            GatewayServer.start(
                TestGateway.configuration(
                    dataflow.bootstrapServers(), Optional.empty(), Optional.empty()),
                List.of());
        Consumer consumer = new Consumer(dataflow.bootstrapServers());
        OpenAiClient client = new OpenAiClient(gateway.url(), TestGateway.KEY)) {
      client.until(RealtimeServerEvent::isSessionCreated);
      List<Double> added = new ArrayList<>();
      for (int turn = 0; turn < TURNS; turn++) {
        client.send(
            "{'type':'conversation.item.create','item':{'type':'message','role':'user',"
                + "'content':[{'type':'input_text','text':'what is the opposite of wet'}]}}");
        client.send("{'type':'response.create'}");
        client.until(RealtimeServerEvent::isResponseOutputAudioDelta);
        long atClient = System.nanoTime();
        client.until(RealtimeServerEvent::isResponseDone);
        added.add((atClient - consumer.first(turn)) / 1e6);
      }
      double[] sorted = added.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      double median = sorted[sorted.length / 2];
      System.out.printf(
          "the gateway adds %.2f ms to the first audio (p50 of %d answers; %s)%n",
          median, TURNS, Arrays.toString(sorted));
      double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
      int cores = Runtime.getRuntime().availableProcessors();
      assumeThat(load)
          .as("other processes keep the %d cores busy: the figure says nothing", cores)
          .isLessThan(2.0 * cores);
      assertThat(median).isLessThan(MOST_MILLIS);
    }
  }

  /** Notes when the first speech of each answer comes. */
  private static final class Consumer implements AutoCloseable {
    private final Map<Integer, Long> firsts = new ConcurrentHashMap<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closing;

    Consumer(String bootstrapServers) throws InterruptedException {
      thread = new Thread(() -> read(bootstrapServers), "test-consumer");
      thread.start();
      ready.await();
    }

    private void read(String bootstrapServers) {
      Properties properties = new Properties();
      properties.setProperty("bootstrap.servers", bootstrapServers);
      properties.setProperty("fetch.max.wait.ms", "100");
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        List<TopicPartition> partitions =
            consumer.partitionsFor("speech-responses").stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        ready.countDown();
        while (!closing) {
          for (ConsumerRecord<byte[], byte[]> record :
              consumer.poll(java.time.Duration.ofMillis(100))) {
            SpeechResponse response =
                Records.decode(SpeechResponse.class, record.value(), Integer.MAX_VALUE);
            firsts.putIfAbsent(response.getTurn(), System.nanoTime());
          }
        }
      } catch (io.antiphon.serde.RecordDecodingException e) {
        throw new AssertionError(e);
      }
    }

    long first(int turn) {
      return firsts.get(turn);
    }

    @Override
    public void close() throws InterruptedException {
      closing = true;
      thread.join();
    }
  }
}
