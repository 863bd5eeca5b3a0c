package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.serde.recording.MonoRecording;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What a node of the gateway, in a process of its own before a dataflow, keeps of sessions that are
 * over, and what many sockets cost it: {@code -Dit.test=SocketsBenchmark}, {@code
 * -Dantiphon.minutes=10}.
 */
// Not an ITCase: it takes minutes and measures.
@EnabledIfSystemProperty(named = "it.test", matches = ".*Benchmark.*")
class SocketsBenchmark {
  private static final int SESSIONS = 10_000;
  private static final int AT_ONCE = 50;
  private static final int SOCKETS = 2_000;
  private static final int SPEAKING = 48;
  private static final int PIECE_MILLIS = 20;
  private static final int RATE = 24_000;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @Test
  void nothingIsLeftOfSessionsThatAreOver() throws Exception {
    try (NanoDataflow dataflow = new NanoDataflow(Map.of());
        GatewayProcess node = GatewayProcess.start(dataflow.bootstrapServers(), 0, 1)) {
      openAndClose(node, SESSIONS / 10);
      long before = heapMebibytes(node);
      long begin = System.nanoTime();
      openAndClose(node, SESSIONS);
      double seconds = (System.nanoTime() - begin) / 1e9;
      await(() -> gauge(node, "connections") == 0 && gauge(node, "conversations") == 0);
      long after = heapMebibytes(node);
      System.out.printf(
          "%d sessions opened and closed in %.0f s: %.0f connections and %.0f conversations left,"
              + " heap after collection %d MiB before, %d MiB after; load %.1f%n",
          SESSIONS,
          seconds,
          gauge(node, "connections"),
          gauge(node, "conversations"),
          before,
          after,
          load());
      assertThat(after - before).as("MiB more").isLessThan(8);
    }
  }

  @Test
  void manySocketsOfWhichSomeSpeak() throws Exception {
    int minutes = Integer.getInteger("antiphon.minutes", 10);
    try (NanoDataflow dataflow = new NanoDataflow(Map.of());
        GatewayProcess node = GatewayProcess.start(dataflow.bootstrapServers(), 0, 1)) {
      byte[] question = question();
      ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
      List<Socket> all = new ArrayList<>();
      for (int i = 0; i < SOCKETS; i++) {
        all.add(new Socket(node.url()));
      }
      for (Socket socket : all) {
        socket.created.await();
      }
      for (int i = 0; i < SPEAKING; i++) {
        all.get(i).talk(clock, question, i);
      }
      List<Long> heap = new ArrayList<>();
      for (int half = 0; half < 2 * minutes; half++) {
        Thread.sleep(30_000);
        heap.add(heapMebibytes(node));
        System.out.printf(
            "%4d s: %.0f sockets, %d answers, %d errors, heap after collection %d MiB, resident %d"
                + " MiB, load %.1f%n",
            30 * (half + 1),
            gauge(node, "connections"),
            all.stream().mapToInt(socket -> socket.answers.get()).sum(),
            all.stream().mapToInt(socket -> socket.errors.get()).sum(),
            heap.get(heap.size() - 1),
            residentMebibytes(node),
            load());
      }
      clock.shutdownNow();
      assertThat(gauge(node, "connections")).isEqualTo(SOCKETS);
      assertThat(all).allMatch(socket -> socket.errors.get() == 0);
      assertThat(heap.get(heap.size() - 1) - heap.get(heap.size() / 2))
          .as("MiB more in the second half")
          .isLessThan(10);
      all.forEach(Socket::close);
    }
  }

  private static void openAndClose(GatewayProcess node, int sessions) throws Exception {
    Semaphore places = new Semaphore(AT_ONCE);
    CountDownLatch over = new CountDownLatch(sessions);
    for (int i = 0; i < sessions; i++) {
      places.acquire();
      Socket socket = new Socket(node.url());
      socket.whenCreated(
          () -> {
            socket.close();
            places.release();
            over.countDown();
          });
    }
    assertThat(over.await(5, TimeUnit.MINUTES)).isTrue();
  }

  private static byte[] question() throws Exception {
    float[] samples = MonoRecording.read(Path.of("../samples/capital.wav")).samplesAt(RATE);
    ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      bytes.putShort((short) Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
    }
    return bytes.array();
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static double gauge(GatewayProcess node, String name) throws Exception {
    String metrics =
        CLIENT
            .send(
                HttpRequest.newBuilder(URI.create(node.management() + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    Matcher value =
        Pattern.compile("(?m)^antiphon_gateway_" + name + " ([0-9.eE+-]+)$").matcher(metrics);
    assertThat(value.find()).as(name).isTrue();
    return Double.parseDouble(value.group(1));
  }

  private static long heapMebibytes(GatewayProcess node) throws Exception {
    jcmd(node, "GC.run");
    Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd(node, "GC.heap_info"));
    long kibibytes = 0;
    while (used.find()) {
      kibibytes += Long.parseLong(used.group(1));
    }
    return kibibytes / 1024;
  }

  private static String jcmd(GatewayProcess node, String command) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(node.pid()),
                command)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.contains("etaspace") && !line.contains("class space"))
        .reduce("", (text, line) -> text + line + "\n");
  }

  private static long residentMebibytes(GatewayProcess node) throws Exception {
    Matcher resident =
        Pattern.compile("VmRSS:\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc", String.valueOf(node.pid()), "status")));
    assertThat(resident.find()).isTrue();
    return Long.parseLong(resident.group(1)) / 1024;
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.holds() && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
  }

  /** A client: silent, or asking the same again and again. */
  private static final class Socket implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();
    private final CountDownLatch created = new CountDownLatch(1);
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicLong position = new AtomicLong();
    private final WebSocket socket;
    private Runnable whenCreated = () -> {};
    private volatile boolean waiting;

    Socket(String url) {
      socket =
          CLIENT
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + TestGateway.KEY)
              .buildAsync(URI.create(url.replace("http", "ws") + "/v1/realtime?model=nano"), this)
              .join();
    }

    private synchronized void created() {
      created.countDown();
      whenCreated.run();
    }

    /** Now, if the session is there already. */
    synchronized void whenCreated(Runnable action) {
      whenCreated = action;
      if (created.getCount() == 0) {
        action.run();
      }
    }

    /** Speaks at the pace of speech, asks, waits for the answer, and again. */
    void talk(ScheduledExecutorService clock, byte[] question, int number) {
      send(
          "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"input\":"
              + "{\"turn_detection\":null}}}}");
      int piece = 2 * RATE * PIECE_MILLIS / 1000;
      var unused =
          clock.scheduleAtFixedRate(
              () -> {
                if (waiting) {
                  return;
                }
                int from = (int) position.getAndAdd(piece);
                if (from < question.length) {
                  ByteBuffer bytes =
                      ByteBuffer.wrap(question, from, Math.min(piece, question.length - from) & ~1);
                  send(
                      "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
                          + StandardCharsets.ISO_8859_1.decode(Base64.getEncoder().encode(bytes))
                          + "\"}");
                } else {
                  waiting = true;
                  position.set(0);
                  send("{\"type\":\"input_audio_buffer.commit\"}");
                  send("{\"type\":\"response.create\"}");
                }
              },
              40L * number,
              PIECE_MILLIS,
              TimeUnit.MILLISECONDS);
    }

    private synchronized void send(String event) {
      socket.sendText(event, true).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        String event = partial.substring(0, Math.min(200, partial.length()));
        partial.setLength(0);
        if (event.contains("\"type\":\"session.created\"")) {
          created();
        } else if (event.contains("\"type\":\"response.done\"")) {
          answers.incrementAndGet();
          waiting = false;
        } else if (event.contains("\"type\":\"error\"")) {
          errors.incrementAndGet();
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      errors.incrementAndGet();
    }

    void close() {
      var unused = socket.sendClose(WebSocket.NORMAL_CLOSURE, "").thenRun(socket::abort);
    }
  }
}
