package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.gateway.phone.PhoneConfiguration;
import io.antiphon.gateway.phone.PhoneProtocol;
import io.antiphon.gateway.phone.Trunk;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.AudioPacket;
import io.antiphon.serde.recording.MonoRecording;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * From the moment at which a caller begins to speak over an answer to the moment at which its side
 * is told to be silent: {@code input_audio_buffer.speech_started}, or a telephone's {@code clear}.
 * Recorded speech is sent at the pace of a microphone, pieces of 20 ms when their last sample has
 * been spoken; detection by Silero VAD, Kafka both ways, Flink and the gateway are all in it.
 */
// Not an ITCase: a figure of time is measured on purpose, never in the build.
@EnabledIfSystemProperty(named = "it.test", matches = ".*Benchmark.*")
class BargeInBenchmark {
  private static final int PIECE_MILLIS = 20;
  private static final long PIECE_NANOS = PIECE_MILLIS * 1_000_000L;
  private static final int INTERRUPTIONS = Integer.getInteger("antiphon.interruptions", 60);
  private static final int WARM = 4;
  private static final List<String> QUESTIONS =
      List.of("capital.wav", "opposite.wav", "hours.wav", "add.wav");

  /** Speech begins with the first 10 ms that have this share of the loudest 10 ms' amplitude. */
  private static final double AUDIBLE = 0.03;

  private static final String KEY = "trunk-key";

  @Test
  void aRealtimeClient() throws Exception {
    measure(
        new Line("OpenAI Realtime", new AudioFormat("pcm16", 24_000, 1), 48) {
          @Override
          String path() {
            return "/v1/realtime?model=nano";
          }

          @Override
          void begin() {
            send("{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"tools\":[]}}");
          }

          @Override
          String piece(String base64) {
            return "{\"type\":\"input_audio_buffer.append\",\"audio\":\"" + base64 + "\"}";
          }

          @Override
          boolean speech(String event) {
            return event.contains("\"type\":\"response.output_audio.delta\"");
          }

          @Override
          boolean silence(String event) {
            return event.contains("\"type\":\"input_audio_buffer.speech_started\"");
          }
        });
  }

  @Test
  void aTelephone() throws Exception {
    measure(
        new Line("Telnyx", new AudioFormat("mulaw", 8_000, 1), 8) {
          @Override
          String path() {
            return "/phone/office/media?key=" + KEY;
          }

          @Override
          void begin() {
            send("{\"event\":\"connected\",\"version\":\"1.0.0\"}");
            send(
                "{\"event\":\"start\",\"sequence_number\":\"1\",\"stream_id\":\"s1\",\"start\":{"
                    + "\"call_control_id\":\"c1\",\"from\":\"+491\",\"to\":\"+492\","
                    + "\"media_format\":{\"encoding\":\"PCMU\",\"sample_rate\":8000,"
                    + "\"channels\":1}}}");
          }

          @Override
          String piece(String base64) {
            return "{\"event\":\"media\",\"stream_id\":\"s1\",\"sequence_number\":\""
                + (number + 2)
                + "\",\"media\":{\"track\":\"inbound\",\"chunk\":\""
                + (number + 1)
                + "\",\"timestamp\":\""
                + number * PIECE_MILLIS
                + "\",\"payload\":\""
                + base64
                + "\"}}";
          }

          @Override
          boolean speech(String event) {
            return event.contains("\"event\":\"media\"");
          }

          @Override
          boolean silence(String event) {
            return event.contains("\"event\":\"clear\"");
          }
        });
  }

  private static void measure(Line line) throws Exception {
    PhoneProtocol phones =
        new PhoneProtocol(
            new PhoneConfiguration(
                List.of(
                    new Trunk(
                        "office",
                        Provider.TELNYX,
                        "acme",
                        Hashes.sha256(KEY),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        TurnTaking.AUTOMATIC)),
                AudioSocketConfiguration.LOOPBACK));
    List<Spoken> questions = new ArrayList<>();
    for (String question : QUESTIONS) {
      questions.add(Spoken.of(question, line.format));
    }
    try (NanoDataflow dataflow = new NanoDataflow(Map.of());
        GatewayServer gateway =
            GatewayServer.start(
                TestGateway.configuration(
                    dataflow.bootstrapServers(), Optional.empty(), Optional.empty()),
                List.of(phones));
        line) {
      line.open(gateway.url());
      line.say(questions.get(0));
      List<Double> delays = new ArrayList<>();
      for (int i = 0; i < WARM + INTERRUPTIONS; i++) {
        line.untilSpeech();
        // Somewhere in the answer, at any phase of the detector's windows.
        LockSupport.parkNanos((300 + i * 61 % 400) * 1_000_000L);
        line.came.clear();
        long began = line.say(questions.get((i + 1) % questions.size()));
        double delay = (line.untilSilence() - began) / 1e6;
        if (i >= WARM) {
          delays.add(delay);
        }
      }
      double[] sorted = delays.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      System.out.printf(
          "%s: from the caller's first sound over an answer to silence p50 %.0f ms, p95 %.0f ms,"
              + " most %.0f ms (%d interruptions; load %.1f on %d cores)%n",
          line.name,
          sorted[sorted.length / 2],
          sorted[sorted.length * 95 / 100],
          sorted[sorted.length - 1],
          sorted.length,
          ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
          Runtime.getRuntime().availableProcessors());
      assertThat(sorted[0]).as("heard before it was said").isPositive();
    }
  }

  /**
   * A recording, encoded.
   *
   * @param beganMillis where its speech begins
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Spoken(byte[] bytes, int beganMillis) {
    static Spoken of(String recording, AudioFormat format) throws Exception {
      float[] samples =
          MonoRecording.read(Path.of("../samples", recording)).samplesAt(AudioEncoder.SAMPLE_RATE);
      int step = AudioEncoder.SAMPLE_RATE / 100;
      double loudest = 0;
      double[] levels = new double[samples.length / step];
      for (int i = 0; i < levels.length; i++) {
        for (int j = 0; j < step; j++) {
          levels[i] += samples[i * step + j] * samples[i * step + j];
        }
        loudest = Math.max(loudest, levels[i]);
      }
      int began = 0;
      while (levels[began] < loudest * AUDIBLE * AUDIBLE) {
        began++;
      }
      AudioEncoder encoder = AudioEncoder.of(format);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (AudioPacket packet : encoder.encode(samples)) {
        bytes.writeBytes(packet.bytes());
      }
      for (AudioPacket packet : encoder.flush()) {
        bytes.writeBytes(packet.bytes());
      }
      return new Spoken(bytes.toByteArray(), 10 * began);
    }
  }

  /** A caller with a microphone that is always on. */
  private abstract static class Line implements WebSocket.Listener, AutoCloseable {
    /** A message and when it came whole. */
    private record Came(String text, long at) {}

    /** What is to be said, and when its first sample is spoken, once that is known. */
    private static final class Said {
      private final Spoken spoken;
      private int at;
      private volatile long began;

      private Said(Spoken spoken) {
        this.spoken = spoken;
      }
    }

    private static final int PATIENCE_SECONDS = 60;

    private final String name;
    private final AudioFormat format;
    private final int bytesAMillisecond;
    private final BlockingQueue<Came> came = new LinkedBlockingQueue<>();
    private final AtomicReference<Said> saying = new AtomicReference<>();
    private final StringBuilder partial = new StringBuilder();
    private final Thread microphone = new Thread(this::speak, "test-microphone");
    private WebSocket socket;
    private volatile boolean closing;
    long number;

    Line(String name, AudioFormat format, int bytesAMillisecond) {
      this.name = name;
      this.format = format;
      this.bytesAMillisecond = bytesAMillisecond;
    }

    abstract String path();

    abstract void begin();

    abstract String piece(String base64);

    abstract boolean speech(String event);

    abstract boolean silence(String event);

    void open(String url) {
      socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + bearer())
              .buildAsync(URI.create(url.replace("http", "ws") + path()), this)
              .join();
      begin();
      microphone.start();
    }

    private String bearer() {
      return path().contains("key=") ? KEY : TestGateway.KEY;
    }

    synchronized void send(String event) {
      socket.sendText(event, true).join();
    }

    /** Says it from now on; when its speech begins, in nanoseconds. */
    long say(Spoken spoken) {
      Said said = new Said(spoken);
      saying.set(said);
      while (said.began == 0) {
        Thread.onSpinWait();
      }
      return said.began + spoken.beganMillis() * 1_000_000L;
    }

    long untilSilence() throws InterruptedException {
      return until(true);
    }

    long untilSpeech() throws InterruptedException {
      return until(false);
    }

    private long until(boolean silence) throws InterruptedException {
      while (true) {
        Came next = came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null || next.text().contains("\"type\":\"error\"")) {
          throw new AssertionError(name + ": " + next);
        }
        if (silence ? silence(next.text()) : speech(next.text())) {
          return next.at();
        }
      }
    }

    private void speak() {
      byte[] quiet = new byte[PIECE_MILLIS * bytesAMillisecond];
      if (format.getEncoding().equals("mulaw")) {
        Arrays.fill(quiet, (byte) 0xff);
      }
      long due = System.nanoTime();
      while (!closing) {
        due += PIECE_NANOS;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        byte[] piece = quiet.clone();
        Said said = saying.get();
        if (said != null) {
          if (said.at == 0) {
            said.began = due - PIECE_NANOS;
          }
          int length = Math.min(piece.length, said.spoken.bytes().length - said.at);
          System.arraycopy(said.spoken.bytes(), said.at, piece, 0, length);
          said.at += length;
          if (said.at == said.spoken.bytes().length) {
            saying.compareAndSet(said, null);
          }
        }
        send(piece(Base64.getEncoder().encodeToString(piece)));
        number++;
      }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        came.add(
            new Came(partial.substring(0, Math.min(300, partial.length())), System.nanoTime()));
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public void close() throws InterruptedException {
      closing = true;
      microphone.join();
      socket.abort();
    }
  }
}
