package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the gateway adds to the first audio of an answer: the same record is received by a Kafka
 * consumer of one's own and, as an event, by a socket, side by side.
 */
// Not an ITCase: a figure of time is measured on purpose (-Dit.test=OverheadBenchmark), never in
// the build.
@EnabledIfSystemProperty(named = "it.test", matches = ".*Benchmark.*")
class OverheadBenchmark {
  /** Turns before those that count: a gateway that runs has compiled its code. */
  private static final int WARM = 15;

  private static final int TURNS = 40;
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
        Socket socket = new Socket(gateway.url())) {
      socket.until("session.created");
      List<Double> added = new ArrayList<>();
      List<Double> byGateway = new ArrayList<>();
      List<Double> byKafka = new ArrayList<>();
      for (int turn = 0; turn < WARM + TURNS; turn++) {
        socket.send(
            "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\","
                + "\"content\":[{\"type\":\"input_text\",\"text\":\"what is the opposite of wet\"}]}}");
        long asked = System.nanoTime();
        socket.send("{\"type\":\"response.create\"}");
        long atClient = socket.until("response.output_audio.delta");
        socket.until("response.done");
        if (turn >= WARM) {
          long onKafka = consumer.first(turn);
          added.add((atClient - onKafka) / 1e6);
          byGateway.add((atClient - asked) / 1e6);
          byKafka.add((onKafka - asked) / 1e6);
        }
      }
      double[] sorted = sorted(added);
      double median = median(sorted);
      double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
      int cores = Runtime.getRuntime().availableProcessors();
      double gateways = median(sorted(byGateway));
      double kafkas = median(sorted(byKafka));
      System.out.printf(
          "first audio by the gateway / by Kafka %.4f (p50 %.1f and %.1f ms after response.create)%n",
          gateways / kafkas, gateways, kafkas);
      System.out.printf(
          "the gateway adds %.2f ms to the first audio (p50 of %d answers, p95 %.2f ms; load %.1f on"
              + " %d cores)%n",
          median, TURNS, sorted[sorted.length * 95 / 100], load, cores);
      assumeThat(load)
          .as("other processes keep the %d cores busy: the figure says nothing", cores)
          .isLessThan(2.0 * cores);
      assertThat(median).isLessThan(MOST_MILLIS);
    }
  }

  private static double[] sorted(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  /** A client that does nothing but note when an event came whole. */
  private static final class Socket implements WebSocket.Listener, AutoCloseable {
    private record Came(String type, long at) {}

    private static final Pattern TYPE = Pattern.compile("\"type\":\"([a-z_.]+)\"");

    private final BlockingQueue<Came> events = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;

    Socket(String url) {
      socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + TestGateway.KEY)
              .buildAsync(URI.create(url.replace("http", "ws") + "/v1/realtime?model=nano"), this)
              .join();
    }

    void send(String event) {
      socket.sendText(event, true).join();
    }

    /** When an event of this type came. */
    long until(String type) throws InterruptedException {
      while (true) {
        Came came = events.poll(1, TimeUnit.MINUTES);
        if (came == null || came.type().equals("error")) {
          throw new AssertionError("waiting for " + type + ": " + came);
        }
        if (came.type().equals(type)) {
          return came.at();
        }
      }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        long at = System.nanoTime();
        Matcher type = TYPE.matcher(partial);
        events.add(new Came(type.find() ? type.group(1) : "", at));
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public void close() {
      socket.abort();
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
