package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.TelephoneExchange.Telephone;
import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.gateway.phone.PhoneConfiguration;
import io.antiphon.gateway.phone.PhoneProtocol;
import io.antiphon.gateway.phone.Trunk;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.recording.MonoRecording;
import io.antiphon.serde.recording.WaveWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real calls: a telephone calls by SIP and RTP a real Asterisk, which joins it with the gateway by
 * WebSocket or AudioSocket, and behind that stand Kafka, Flink and the shipped model. Skipped where
 * there is no Asterisk.
 */
class TelephoneITCase {
  private static final String KEY = "trunk-key";
  private static final int RATE = 8_000;

  private static NanoDataflow dataflow;
  private static GatewayServer gateway;
  private static OverheardCalls overheard;
  private static TelephoneExchange exchange;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    TelephoneExchange.assumePresent(); // before the dataflow, which takes its time
    PhoneProtocol phones =
        new PhoneProtocol(
            new PhoneConfiguration(
                List.of(
                    trunk("websocket", Provider.ASTERISK, Hashes.sha256(KEY)),
                    trunk("audiosocket", Provider.AUDIOSOCKET, "")),
                AudioSocketConfiguration.LOOPBACK));
    overheard = new OverheardCalls(phones);
    dataflow = new NanoDataflow(Map.of());
    gateway =
        GatewayServer.start(
            TestGateway.configuration(
                dataflow.bootstrapServers(), Optional.empty(), Optional.empty()),
            List.of(overheard));
    exchange =
        TelephoneExchange.start(
            gateway.url().replaceFirst("^http", "ws") + "/phone/websocket/media?key=" + KEY,
            phones.audioSocketPort("audiosocket"));
  }

  @AfterAll
  static void stop() {
    if (exchange != null) {
      exchange.close();
    }
    if (gateway != null) {
      gateway.close();
    }
    if (dataflow != null) {
      dataflow.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TelephoneExchange.WEBSOCKET, TelephoneExchange.AUDIO_SOCKET})
  void aQuestionIsUnderstoodAndItsAnswerHeardByTheCaller(String number) throws Exception {
    int before = overheard.calls.size();
    OverheardCalls.Call call;
    Path heard;
    try (Telephone telephone = exchange.dial(number, speech("capital.wav", 1))) {
      await(() -> overheard.calls.size() > before, "call", telephone);
      call = overheard.calls.get(before);
      await(() -> call.playedMillis > 0, "answer that was heard", telephone);
      telephone.press('5');
      await(() -> call.keys.length() > 0, "key", telephone);
      telephone.close();
      await(() -> call.ended, "end", telephone);
      heard = telephone.heard().orElseThrow();
    }
    assertThat(call.transcripts).containsExactly("what city is cuba's capital");
    assertThat(call.answers).hasSize(1);
    assertThat(call.answers.get(0).text()).isEqualTo("The capital of Cuba is Havana.");
    assertThat(call.keys).hasToString("5");
    assertThat(call.playedMillis).isEqualTo(call.answers.get(0).audioMillis());
    // What came out of the telephone is what the dataflow said, and all of it.
    float[] answer = answer(call, number);
    float[] ear = MonoRecording.read(heard).samplesAt(RATE);
    assertThat(likeness(answer, ear)).isGreaterThan(0.95);
    Optional<String> recognised = Recogniser.hear(heard, folder);
    if (recognised.isEmpty()) {
      System.out.println("no recogniser heard the answer: no pocketsphinx_continuous on the path");
    } else {
      System.out.printf("%s: the recogniser heard \"%s\"%n", number, recognised.get());
      assertThat(recognised).contains("the capital of cuba is havana");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TelephoneExchange.WEBSOCKET, TelephoneExchange.AUDIO_SOCKET})
  void anAnswerStopsWhenTheCallerSpeaks(String number) throws Exception {
    int before = overheard.calls.size();
    OverheardCalls.Call call;
    Path heard;
    try (Telephone telephone = exchange.dial(number, speech("hours.wav", 1))) {
      await(() -> overheard.calls.size() > before, "call", telephone);
      call = overheard.calls.get(before);
      await(() -> loudMillis(telephone.hearing()) >= 500, "answer", telephone);
      telephone.say(speech("capital.wav", 0));
      await(() -> call.playedMillis >= 0, "report of what was heard", telephone);
      // In a second more of the call the rest would have come out of the telephone, and nothing
      // answers yet: what is said now takes longer.
      int later = call.said.size() + bytesASecond(number);
      await(() -> call.said.size() >= later, "another second", telephone);
      telephone.close();
      heard = telephone.heard().orElseThrow();
    }
    assertThat(call.playedMillis).isLessThan(2_000);
    // The telephone's own buffer included: less than 100 ms more than was reported.
    float[] answer = answer(call, number);
    int reported = (int) Math.min(answer.length, call.playedMillis * RATE / 1000);
    long told = loudMillis(Arrays.copyOf(answer, reported));
    long came = loudMillis(MonoRecording.read(heard).samplesAt(RATE));
    System.out.printf(
        "%s: %d ms reported as heard, with %d ms of sound; %d ms of sound came out of the telephone%n",
        number, call.playedMillis, told, came);
    assertThat(came).isLessThan(told + 100);
  }

  /** The answer as it left the dataflow, at the rate of the telephone. */
  private static float[] answer(OverheardCalls.Call call, String number) throws Exception {
    AudioFormat format =
        number.equals(TelephoneExchange.WEBSOCKET)
            ? new AudioFormat("mulaw", RATE, 1)
            : new AudioFormat("pcm16", 24_000, 1);
    float[] wide = AudioDecoder.of(format).decode(call.answered.toByteArray());
    float[] narrow = new float[wide.length / 2];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (wide[2 * i] + wide[2 * i + 1]) / 2;
    }
    return narrow;
  }

  /** Correlation of the loudness, in steps of 10 ms, where it fits best. */
  private static double likeness(float[] said, float[] heard) {
    double[] a = loudness(said);
    double[] b = loudness(heard);
    double best = 0;
    for (int shift = -50; shift <= b.length - a.length / 2; shift++) {
      double ab = 0;
      double aa = 0;
      double bb = 0;
      for (int i = 0; i < a.length; i++) {
        double other = i + shift >= 0 && i + shift < b.length ? b[i + shift] : 0;
        ab += a[i] * other;
        aa += a[i] * a[i];
        bb += other * other;
      }
      best = Math.max(best, aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb));
    }
    return best;
  }

  private static double[] loudness(float[] samples) {
    double[] loudness = new double[samples.length / 80];
    for (int i = 0; i < loudness.length; i++) {
      for (int j = 0; j < 80; j++) {
        loudness[i] += Math.abs(samples[80 * i + j]);
      }
    }
    return loudness;
  }

  /** Milliseconds with sound, in steps of 10 ms: where an answer pauses does not count. */
  private static long loudMillis(float[] samples) {
    int step = RATE / 100;
    long loud = 0;
    for (int from = 0; from + step <= samples.length; from += step) {
      float loudest = 0;
      for (int i = from; i < from + step; i++) {
        loudest = Math.max(loudest, Math.abs(samples[i]));
      }
      loud += loudest > 0.01 ? 1 : 0;
    }
    return loud * 10;
  }

  /** A sample after so many seconds of silence, and half a minute of silence behind it. */
  private Path speech(String sample, int before) throws Exception {
    float[] spoken = MonoRecording.read(Path.of("../samples", sample)).samplesAt(RATE);
    float[] all = new float[before * RATE + spoken.length + 30 * RATE];
    System.arraycopy(spoken, 0, all, before * RATE, spoken.length);
    Path file = folder.resolve(sample);
    WaveWriter.write(file, RATE, all);
    return file;
  }

  private static void await(Callable<Boolean> condition, String what, Telephone telephone)
      throws Exception {
    try {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("no " + what + ":\n" + telephone.display(), e);
    }
  }

  /** Bytes of a second of what the caller says: µ-law, or 16 bits. */
  private static int bytesASecond(String number) {
    return number.equals(TelephoneExchange.WEBSOCKET) ? RATE : 2 * RATE;
  }

  private static Trunk trunk(String name, Provider provider, String secret) {
    return new Trunk(
        name,
        provider,
        "acme",
        secret,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        TurnTaking.AUTOMATIC);
  }
}
