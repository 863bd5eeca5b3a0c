package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.antiphon.gateway.page.PageProtocol;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real page in a real browser, through gateway, Kafka, Flink and the shipped model. Skipped
 * where there is no Chromium.
 */
class BrowserITCase {
  private static final Path SCREENSHOTS = Path.of("target/screenshots");

  private static NanoDataflow dataflow;
  private static GatewayServer gateway;

  /** The browser's echo cancellation and level control would change what is recognised. */
  private static final String EXACT_MICROPHONE =
      "localStorage.setItem('antiphon.settings', JSON.stringify({cleanUp: false}))";

  private static final String KEPT_CONVERSATION =
      "return JSON.parse(sessionStorage.getItem('antiphon.conversation')).conversationId";

  private static final String LOG = "return document.getElementById('log').textContent";

  private static final int AUDIBLE = 327;

  private static final String STOPS_AS_SOON_AS_IT_SPEAKS =
      "const state = document.getElementById('state');"
          + "new MutationObserver(() => { if (state.dataset.state === 'speaking')"
          + " setTimeout(() => document.getElementById('stop-answer').click(), 300); })"
          + ".observe(state, {attributes: true});";

  /** Reloads once, the very moment it speaks, and notes the states of the page that comes then. */
  private static final String RELOADS_AS_SOON_AS_IT_SPEAKS =
      "addEventListener('DOMContentLoaded', () => {"
          + " const state = document.getElementById('state');"
          + " const reloaded = sessionStorage.getItem('reloaded') !== null;"
          + " if (reloaded) window.statesAfterReload = [state.dataset.state];"
          + " new MutationObserver(() => {"
          + "  if (reloaded) window.statesAfterReload.push(state.dataset.state);"
          + "  else if (state.dataset.state === 'speaking') {"
          + "   sessionStorage.setItem('reloaded', 'yes');"
          + "   location.reload();"
          + "  }"
          + " }).observe(state, {attributes: true}); });";

  private static final String STATES_AFTER_RELOAD =
      "return (window.statesAfterReload || []).join(' ')";

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    Chromium.assumePresent(); // before the dataflow, which takes its time
    dataflow = new NanoDataflow(Map.of());
    gateway =
        GatewayServer.start(
            TestGateway.configuration(
                dataflow.bootstrapServers(), Optional.empty(), Optional.empty()),
            List.of(new PageProtocol()));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (dataflow != null) {
      dataflow.close();
    }
  }

  @Test
  void aQuestionIsUnderstoodAndItsAnswerHeard() throws Exception {
    try (Chromium browser =
        Chromium.start(folder, Chromium.said(1, 60, "capital.wav"), 1280, 800)) {
      browser.open(gateway.url() + "/#key=" + TestGateway.KEY);
      browser.script(EXACT_MICROPHONE);
      browser.reload();
      browser.click("#start");
      browser.awaitText("#entries .answer .said", "The capital of Cuba is Havana.");
      browser.awaitText("#entries .caller", "what city is cuba's capital");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("listening"),
          () -> "end of the answer");
      browser.awaitText("#waterfalls th", "Heard");
      browser.screenshot(SCREENSHOTS.resolve("desktop.png"));
      byte[] recording = browser.download("#download");
      // Left what the page took from the microphone, right what it played.
      assertThat(loudestSecond(recording, 0)).isGreaterThan(0.02);
      assertThat(loudestSecond(recording, 1)).isGreaterThan(0.02);
      // Turn by turn: while the caller speaks, nothing is played.
      assertThat(firstLoud(recording, 1)).isGreaterThan(firstLoud(recording, 0) + 1.0);
      browser.click("#start");
      browser.awaitText("#entries .notice", "You ended the conversation.");
    }
  }

  @Test
  void aWrittenQuestionIsAnsweredAndStopping() throws Exception {
    try (Chromium browser = Chromium.start(folder, Chromium.said(0, 60), 390, 844)) {
      browser.dark();
      browser.open(gateway.url() + "/#key=" + TestGateway.KEY);
      browser.click("#start");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("listening"), () -> "connection");
      // The answer takes two seconds, which the driver may sleep through on a busy machine.
      browser.script(STOPS_AS_SOON_AS_IT_SPEAKS);
      browser.type("#text", "what is the opposite of wet\n");
      browser.awaitText("#entries .answer .note", "interrupted after");
      assertThat(String.join("", browser.texts("#entries .answer .unheard"))).contains("dry");
      browser.screenshot(SCREENSHOTS.resolve("phone-dark.png"));
      // What was not heard is not in what the model remembers either: the item is truncated.
      assertThat((String) browser.script("return document.getElementById('log').innerText"))
          .contains("conversation.item.truncated");
    }
  }

  @Test
  void aReloadInMidAnswerGoesOnWithTheConversation() throws Exception {
    try (Chromium browser = Chromium.start(folder, Chromium.said(0, 60), 1280, 800)) {
      // The answer takes four seconds, which the driver may sleep through on a busy machine.
      browser.beforeEveryPage(RELOADS_AS_SOON_AS_IT_SPEAKS);
      browser.open(gateway.url() + "/#key=" + TestGateway.KEY);
      browser.click("#start");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("listening"), () -> "connection");
      // The page is connected a moment before it is told which conversation it has.
      browser.await(
          () -> !((String) browser.script(KEPT_CONVERSATION)).isEmpty(), () -> "a conversation");
      Object before = browser.script(KEPT_CONVERSATION);
      browser.type("#text", "what is fifty eight plus ninety three\n");
      browser.await(
          () -> ((String) browser.script(STATES_AFTER_RELOAD)).matches(".*speaking.* listening"),
          () -> "speech after the reload and its end");
      assertThat(browser.script(KEPT_CONVERSATION)).isEqualTo(before);
      // Each word once, and nothing of it struck out.
      assertThat(browser.texts("#entries .answer"))
          .containsExactly("Antiphon\nFifty eight plus ninety three is one hundred and fifty one.");
      assertThat(loudestSecond(browser.download("#download"), 1)).isGreaterThan(0.02);
    }
  }

  @Test
  void thePageGoesOnAtAnotherNodeWhenOneIsKilledInMidSentence() throws Exception {
    try (GatewayProcess node = GatewayProcess.start(dataflow.bootstrapServers(), 0, 1);
        Balancer balancer = new Balancer(gateway.url());
        Chromium browser = Chromium.start(folder, Chromium.said(0, 60), 1280, 800)) {
      browser.open(balancer.url() + "/#key=" + TestGateway.KEY);
      balancer.to(node.url());
      browser.click("#start");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("listening"), () -> "connection");
      browser.type("#text", "what is fifty eight plus ninety three\n");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("speaking"), () -> "speech");
      Object before = browser.script(KEPT_CONVERSATION);
      balancer.to(gateway.url());
      node.kill();
      browser.await(
          () -> ((String) browser.script(LOG)).split("session.created", -1).length > 2,
          () -> "another session");
      browser.await(
          () -> browser.attribute("#state", "data-state").equals("listening"),
          () -> "end of the answer");
      assertThat(browser.script(KEPT_CONVERSATION)).isEqualTo(before);
      // Each word once, and nothing of it struck out.
      assertThat(browser.texts("#entries .answer"))
          .containsExactly("Antiphon\nFifty eight plus ninety three is one hundred and fifty one.");
      // What was heard is what the dataflow said: no sample twice and none missing.
      short[] said = said((String) before);
      short[] played = played(browser, withoutQuiet(said).length);
      assertThat(withoutQuiet(played)).isEqualTo(withoutQuiet(said));
      System.out.printf(
          "a node was killed: the longest pause in what the page played is %d ms, %d ms in what was"
              + " said%n",
          pauseMillis(played), pauseMillis(said));
    }
  }

  /**
   * What the page played. The last piece of 20 ms comes to its recording behind the end of the
   * answer that the page shows.
   *
   * @param samples that are expected, quiet ones left out
   */
  private static short[] played(Chromium browser, int samples) throws Exception {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> channel(browser.download("#download"), 1),
            played -> withoutQuiet(played).length >= samples);
  }

  /** The speech that the topics hold of a conversation with one answer. */
  private static short[] said(String conversation) throws Exception {
    SortedMap<Long, byte[]> pieces = new TreeMap<>();
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", dataflow.bootstrapServers());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("speech-responses").stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          SpeechResponse response =
              Records.decode(SpeechResponse.class, record.value(), Integer.MAX_VALUE);
          if (response.getConversationId().equals(conversation)) {
            assertThat(response.getTurn()).isZero();
            byte[] bytes = new byte[response.getBytes().remaining()];
            response.getBytes().get(bytes);
            pieces.put(response.getSequence(), bytes);
          }
        }
      }
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    pieces.values().forEach(whole::writeBytes);
    short[] samples = new short[whole.size() / 2];
    ByteBuffer.wrap(whole.toByteArray())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asShortBuffer()
        .get(samples);
    return samples;
  }

  private static short[] channel(byte[] wave, int channel) {
    short[] samples = new short[(wave.length - 44) / 4];
    ByteBuffer buffer = ByteBuffer.wrap(wave).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = buffer.getShort(44 + 4 * i + 2 * channel);
    }
    return samples;
  }

  /** Where nothing is there to be played the page plays zeros. */
  private static short[] withoutQuiet(short[] samples) {
    short[] rest = new short[samples.length];
    int length = 0;
    for (short sample : samples) {
      if (sample != 0) {
        rest[length++] = sample;
      }
    }
    return Arrays.copyOf(rest, length);
  }

  /** The longest quiet between sounds. */
  private static long pauseMillis(short[] samples) {
    int longest = 0;
    int last = -1;
    for (int i = 0; i < samples.length; i++) {
      if (Math.abs(samples[i]) > AUDIBLE) {
        longest = last < 0 ? longest : Math.max(longest, i - last);
        last = i;
      }
    }
    return longest * 1000L / 24_000;
  }

  @Test
  void aWrongKeyIsExplained() throws Exception {
    try (Chromium browser = Chromium.start(folder, Chromium.said(0, 10), 1280, 800)) {
      browser.open(gateway.url() + "/#key=sk-wrong");
      browser.click("#start");
      browser.awaitText("#problem-text", "The gateway does not know this key.");
      assertThat(browser.attribute("#state", "data-state")).isEqualTo("problem");
      assertThat((String) browser.script("return location.href")).doesNotContain("sk-wrong");
    }
  }

  private static double sample(byte[] wave, int frame, int channel) {
    return ByteBuffer.wrap(wave)
            .order(ByteOrder.LITTLE_ENDIAN)
            .getShort(44 + 4 * frame + 2 * channel)
        / 32768.0;
  }

  /** Root mean square of the loudest second. */
  private static double loudestSecond(byte[] wave, int channel) {
    double loudest = 0;
    for (int from = 0; from + 24_000 <= (wave.length - 44) / 4; from += 12_000) {
      double sum = 0;
      for (int i = 0; i < 24_000; i++) {
        sum += Math.pow(sample(wave, from + i, channel), 2);
      }
      loudest = Math.max(loudest, Math.sqrt(sum / 24_000));
    }
    return loudest;
  }

  /** Seconds until the first loud sample. */
  private static double firstLoud(byte[] wave, int channel) {
    for (int i = 0; i < (wave.length - 44) / 4; i++) {
      if (Math.abs(sample(wave, i, channel)) > 0.05) {
        return i / 24_000.0;
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
