package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Asterisk on loopback, and telephones that call it by SIP and RTP. Asterisk is the one on
 * the path, or that of a Debian in the folder that {@code ANTIPHON_ASTERISK_ROOT} names; {@code
 * gateway/phone/run} makes one.
 */
final class TelephoneExchange implements AutoCloseable {
  /** The number that reaches {@code chan_websocket}. */
  static final String WEBSOCKET = "100";

  /** The number that reaches AudioSocket. */
  static final String AUDIO_SOCKET = "200";

  private static final Path TEMPLATES = Path.of("phone");
  private static final int WAVE_HEADER = 44;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Map<String, String> values;
  private final Process asterisk;
  private int calls;

  private TelephoneExchange(Path folder, Map<String, String> values, Process asterisk) {
    this.folder = folder;
    this.values = values;
    this.asterisk = asterisk;
  }

  /** Skips the test with the reason, where there is no Asterisk or no telephone. */
  static void assumePresent() {
    String root = root();
    Skipping.unless(
        root.isEmpty()
            ? onPath("asterisk")
            : Files.isExecutable(Path.of(root, "usr/sbin/asterisk")),
        "no Asterisk on the path nor under ANTIPHON_ASTERISK_ROOT; gateway/phone/run installs one");
    Skipping.unless(onPath("baresip"), "no baresip on the path (Debian: baresip-core)");
    Skipping.unless(
        modules().isPresent(), "baresip has no modules g711, aufile, sndfile and stdio");
  }

  private static String root() {
    return System.getenv().getOrDefault("ANTIPHON_ASTERISK_ROOT", "");
  }

  /** Starts Asterisk, which must be {@link #assumePresent there}. */
  static TelephoneExchange start(String webSocketUrl, int audioSocketPort) throws Exception {
    String root = root();
    boolean inside = !root.isEmpty();
    Path parent = Files.createDirectories(inside ? Path.of(root, "tmp") : Path.of("target"));
    Path folder = Files.createTempDirectory(parent, "antiphon-call-").toAbsolutePath();
    String seen = inside ? "/tmp/" + folder.getFileName() : folder.toString();
    int port = freePort();
    Map<String, String> values = new TreeMap<>();
    values.put("RUN", seen);
    values.put("SIP_PORT", String.valueOf(port));
    values.put("RTP_FIRST", String.valueOf(port + 10 & ~1));
    values.put("RTP_LAST", String.valueOf((port + 10 & ~1) + 40));
    values.put("WEBSOCKET_URL", webSocketUrl);
    values.put("AUDIOSOCKET_PORT", String.valueOf(audioSocketPort));
    values.put("MODULES", modules().orElseThrow().toString());
    copy(TEMPLATES.resolve("asterisk"), folder.resolve("asterisk"), values);

    List<String> command = new ArrayList<>();
    if (inside) {
      command.addAll(List.of("chroot", root));
    }
    command.addAll(List.of("asterisk", "-f", "-C", seen + "/asterisk/asterisk.conf"));
    Process asterisk =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("asterisk.out").toFile())
            .start();
    TelephoneExchange exchange = new TelephoneExchange(folder, values, asterisk);
    try {
      await("the start of Asterisk")
          .atMost(PATIENCE)
          .failFast(() -> assertThat(asterisk.isAlive()).as(exchange.log()).isTrue())
          .untilAsserted(() -> assertThat(exchange.log()).contains("Asterisk Ready"));
    } catch (Exception | AssertionError e) {
      exchange.close();
      throw e;
    }
    return exchange;
  }

  /**
   * Lifts a telephone, dials, and speaks.
   *
   * @param question a WAV file at 8 kHz, mono, 16 bit
   */
  Telephone dial(String number, Path question) throws IOException {
    Path home = Files.createDirectories(folder.resolve("call-" + calls++));
    int port = freePort() & ~1;
    Map<String, String> own = new TreeMap<>(values);
    own.put("RUN", home.toString());
    own.put("QUESTION", question.toAbsolutePath().toString());
    own.put("BARESIP_FIRST", String.valueOf(port));
    own.put("BARESIP_LAST", String.valueOf(port + 20));
    copy(TEMPLATES.resolve("baresip"), home, own);
    Process process =
        new ProcessBuilder(
                "baresip",
                "-f",
                home.toString(),
                "-e",
                "/dial sip:" + number + "@127.0.0.1:" + values.get("SIP_PORT"))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("baresip.out").toFile())
            .start();
    return new Telephone(home, process);
  }

  private String log() throws IOException {
    StringBuilder log = new StringBuilder();
    for (String name : List.of("asterisk.out", "messages.log")) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        log.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return log.toString();
  }

  @Override
  public void close() {
    asterisk.destroy();
    try {
      if (!asterisk.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        asterisk.destroyForcibly();
      }
    } catch (InterruptedException e) {
      asterisk.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** A telephone off its hook. */
  static final class Telephone implements AutoCloseable {
    private final Path home;
    private final Process process;

    private Telephone(Path home, Process process) {
      this.home = home;
      this.process = process;
    }

    void press(char key) throws IOException {
      type(String.valueOf(key));
    }

    /**
     * Says something else from now on.
     *
     * @param speech a WAV file like the question's
     */
    void say(Path speech) throws IOException {
      type("/ausrc aufile," + speech.toAbsolutePath() + "\n");
    }

    private void type(String text) throws IOException {
      OutputStream keys = process.getOutputStream();
      keys.write(text.getBytes(StandardCharsets.US_ASCII));
      keys.flush();
    }

    /** What its display shows. */
    String display() throws IOException {
      return Files.readString(home.resolve("baresip.out"), StandardCharsets.ISO_8859_1);
    }

    /** Hangs up. */
    @Override
    public void close() throws IOException {
      process.destroy();
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }

    /** What was heard up to now, at 8 kHz. */
    float[] hearing() throws IOException {
      Optional<Path> file = heard();
      if (file.isEmpty()) {
        return new float[0];
      }
      // Its header tells the length only when it is hung up.
      byte[] bytes = Files.readAllBytes(file.get());
      float[] samples = new float[Math.max(0, (bytes.length - WAVE_HEADER) / 2)];
      ByteBuffer wave = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < samples.length; i++) {
        samples[i] = wave.getShort(WAVE_HEADER + 2 * i) / 32768f;
      }
      return samples;
    }

    /** The WAV file of what was heard; of use once it is hung up. */
    Optional<Path> heard() throws IOException {
      try (Stream<Path> files = Files.list(home)) {
        return files.filter(file -> file.toString().endsWith("-dec.wav")).findFirst();
      }
    }
  }

  private static void copy(Path from, Path to, Map<String, String> values) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        for (Map.Entry<String, String> value : values.entrySet()) {
          text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        Files.writeString(to.resolve(file.getFileName()), text);
      }
    }
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static Optional<Path> modules() {
    try (Stream<Path> files = Files.walk(Path.of("/usr/lib"), 3)) {
      return files
          .filter(folder -> folder.endsWith(Path.of("baresip", "modules")))
          .filter(
              folder ->
                  Stream.of("g711", "aufile", "sndfile", "stdio")
                      .allMatch(name -> Files.exists(folder.resolve(name + ".so"))))
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
